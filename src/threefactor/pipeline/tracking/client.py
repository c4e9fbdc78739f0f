"""The MLflow run of one job.  Files are the truth: with no store, or a broken one, work goes on."""

import contextlib
import logging
import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from threefactor.pipeline.tracking.pipeline import find_parent
from threefactor.pipeline.tracking.store import open_store

if TYPE_CHECKING:
    from mlflow import MlflowClient

LOG = logging.getLogger(__name__)

INTERVAL = 1.0
"""Seconds between two writes of metrics."""

LIMIT = 1000
"""Metrics that MLflow takes at once."""


class Description(NamedTuple):
    """What is tracked of a job before it begins."""

    uri: str
    experiment: str
    name: str
    tags: Mapping[str, str]
    parameters: Mapping[str, object]
    note: Path
    """File that holds the run's id while the job is unfinished, so that it can go on under it."""


class TrackedRun:
    """Metrics and artifacts of one job; after the first failure it tracks nothing more.

    Parameters
    ----------
    client : MlflowClient or None
        None tracks nothing.
    run_id : str
        Id of the MLflow run.
    """

    def __init__(self, client: "MlflowClient | None" = None, run_id: str = "") -> None:
        self._client, self._run_id = client, run_id
        self._buffer: list[tuple[str, float, int, int]] = []  # name, value, milliseconds, step
        self._known: dict[str, int] = {}  # last step that the store has of each metric
        self._written = time.monotonic()

    def metrics(self, values: Mapping[str, float], step: int) -> None:
        """Note values at a step; what is not finite is left out, what the store has is not repeated."""
        if self._client is None:
            return
        now = int(time.time() * 1000)
        finite = {name: float(value) for name, value in values.items() if math.isfinite(value)}
        self._buffer += [
            (name, value, now, step) for name, value in finite.items() if self._is_new(name, step)
        ]
        if time.monotonic() - self._written > INTERVAL or len(self._buffer) >= LIMIT:
            self.flush()

    def flush(self) -> None:
        """Write the values noted so far."""
        buffer, self._buffer = self._buffer, []
        self._written = time.monotonic()
        for start in range(0, len(buffer), LIMIT):
            self._safely(
                lambda client, part=buffer[start : start + LIMIT]: _write(client, self._run_id, part)
            )

    def artifacts(self, paths: Sequence[Path]) -> None:
        """Copy files to the store."""
        for path in paths:
            self._safely(lambda client, path=path: client.log_artifact(self._run_id, str(path)))

    def end(self, status: str) -> None:
        """Write what is left and close the run."""
        self.flush()
        self._safely(lambda client: client.set_terminated(self._run_id, status))

    def _is_new(self, name: str, step: int) -> bool:
        """Tell whether the store lacks a step: a resumed job repeats those since its checkpoint."""
        if name not in self._known:
            history = self._safely(lambda client: client.get_metric_history(self._run_id, name)) or []
            self._known[name] = max((metric.step for metric in history), default=-1)
        return step > self._known[name]

    def _safely(self, action: Callable[..., Any]) -> Any:
        """Do something with the store; warn once and forget the store if it fails."""
        if self._client is None:
            return None
        try:
            return action(self._client)
        except Exception as problem:
            self._client = None
            LOG.warning("tracking stops here, the work goes on: %s", _one_line(problem))
            return None


@contextlib.contextmanager
def track(job: Description) -> Iterator[TrackedRun]:
    """Track one job, or go on with the run that a killed one left beside its output.

    The run ends as FINISHED, FAILED (an error) or KILLED (an exit, to be resumed).
    """
    current = _begin(job)
    status = "KILLED"
    try:
        yield current
        status = "FINISHED"
    except Exception:
        status = "FAILED"
        raise
    finally:
        current.end(status)
        if status != "KILLED":
            job.note.unlink(missing_ok=True)


def _begin(job: Description) -> TrackedRun:
    """Open the store and the job's run in it; with none, return a run that tracks nothing."""
    if not job.uri:
        return TrackedRun()
    try:
        client, experiment = open_store(job.uri, job.experiment)
        return TrackedRun(client, _resumed(client, job) or _fresh(client, experiment, job))
    except Exception as problem:
        LOG.warning("nothing is tracked (%s), the work goes on: %s", job.uri, _one_line(problem))
        return TrackedRun()


def _resumed(client: "MlflowClient", job: Description) -> str | None:
    """Reopen the run of a killed job, if the store still has it."""
    if not job.note.exists():
        return None
    from mlflow.exceptions import MlflowException

    run_id = job.note.read_text(encoding="utf-8")
    try:
        client.update_run(run_id, status="RUNNING")
    except MlflowException:
        return None
    parent = find_parent(client, client.get_run(run_id).info.experiment_id)
    for name, value in {**job.tags, **({"mlflow.parentRunId": parent} if parent else {})}.items():
        client.set_tag(run_id, name, value)
    return run_id


def _fresh(client: "MlflowClient", experiment: str, job: Description) -> str:
    """Make a run, under the pipeline's if there is one."""
    from mlflow.entities import Param

    parent = find_parent(client, experiment)
    tags = {**job.tags, **({"mlflow.parentRunId": parent} if parent else {})}
    run_id = str(client.create_run(experiment, run_name=job.name, tags=tags).info.run_id)
    job.note.parent.mkdir(parents=True, exist_ok=True)
    job.note.write_text(run_id, encoding="utf-8")
    parameters = [Param(name, str(value)) for name, value in job.parameters.items()]
    for start in range(0, len(parameters), 100):
        client.log_batch(run_id, params=parameters[start : start + 100])
    return run_id


def _write(client: "MlflowClient", run_id: str, values: Sequence[tuple[str, float, int, int]]) -> None:
    from mlflow.entities import Metric

    client.log_batch(run_id, metrics=[Metric(*value) for value in values])


def _one_line(problem: Exception) -> str:
    return " ".join(str(problem).split())[:300] or type(problem).__name__
