"""The MLflow run of one invocation of the pipeline, the parent of its jobs' runs."""

import contextlib
import logging
import os
import socket
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from threefactor.pipeline.tracking.store import open_store

if TYPE_CHECKING:
    from mlflow import MlflowClient

LOG = logging.getLogger(__name__)

INVOCATION = "THREEFACTOR_INVOCATION"
"""Set by the Snakefile and inherited by its jobs, also on a cluster."""


def begin(uri: str, experiment: str, tags: Mapping[str, str], settings: Path) -> None:
    """Start the parent run, close those of killed pipelines, and keep the settings as a file.

    Parameters
    ----------
    uri, experiment : str
        The store; an empty `uri` tracks nothing.
    tags : mapping of str to str
        What describes the whole experiment.
    settings : Path
        The file of settings that the jobs read.
    """
    if not uri:
        return
    with _never_fatal(uri):
        client, number = open_store(uri, experiment)
        _close_dead(client, number)
        here = {"threefactor.host": socket.gethostname(), "threefactor.pid": str(os.getpid())}
        own = {"threefactor.stage": "pipeline", "threefactor.invocation": os.environ[INVOCATION]}
        run = client.create_run(number, run_name="pipeline", tags={**tags, **here, **own})
        client.log_artifact(run.info.run_id, str(settings))


def end(uri: str, experiment: str, status: str, artifacts: tuple[Path, ...] = ()) -> None:
    """End the parent run, and whatever a killed job left running under it."""
    if not uri:
        return
    with _never_fatal(uri):
        client, number = open_store(uri, experiment)
        if parent := find_parent(client, number):
            for path in artifacts:
                if path.is_dir():
                    client.log_artifacts(parent, str(path), path.name)
                elif path.exists():
                    client.log_artifact(parent, str(path))
            _close(client, number, parent, status)


def find_parent(client: "MlflowClient", experiment: str) -> str | None:
    """Look the parent run up by its tag; None for a stage that is run by hand."""
    invocation = os.environ.get(INVOCATION)
    if not invocation:
        return None
    tag = f"tags.threefactor.invocation = '{invocation}' and tags.threefactor.stage = 'pipeline'"
    found = client.search_runs([experiment], tag)
    return str(found[0].info.run_id) if found else None


def _close_dead(client: "MlflowClient", experiment: str) -> None:
    """Close the runs of pipelines of this machine whose process is gone."""
    running = "tags.threefactor.stage = 'pipeline' and attributes.status = 'RUNNING'"
    for run in client.search_runs([experiment], running):
        host, pid = run.data.tags["threefactor.host"], int(run.data.tags["threefactor.pid"])
        if host == socket.gethostname() and not _is_alive(pid):
            _close(client, experiment, run.info.run_id, "KILLED")


def _close(client: "MlflowClient", experiment: str, parent: str, status: str) -> None:
    children = f"tags.mlflow.parentRunId = '{parent}' and attributes.status = 'RUNNING'"
    for run in client.search_runs([experiment], children):
        client.set_terminated(run.info.run_id, "KILLED")
    client.set_terminated(parent, status)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


@contextlib.contextmanager
def _never_fatal(uri: str) -> Iterator[None]:
    """Turn whatever goes wrong in the block into one warning: an exception here would stop the pipeline."""
    try:
        yield
    except Exception as problem:
        LOG.warning("this pipeline is not tracked (%s): %s", uri, " ".join(str(problem).split())[:300])
