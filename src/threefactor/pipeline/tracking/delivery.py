"""What the lines of a journal do to the MLflow store.  A line that comes twice changes nothing."""

import contextlib
import fcntl
import os
import socket
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from threefactor.pipeline.tracking.journal import ENDED, Entry, read
from threefactor.pipeline.tracking.store import open_store

if TYPE_CHECKING:
    from mlflow import MlflowClient

KEY, INVOCATION, PID, HOST = (f"threefactor.{name}" for name in ("run", "invocation", "pid", "host"))
"""Tags: the key of a run in its journal; the invocation that a pipeline's run is the parent of, its process and host."""

METRICS, PARAMETERS = 1000, 100
"""Of which MLflow takes so many at once."""


class Delivery:
    """Takes journals to a store, each from where it was read up to.

    Parameters
    ----------
    uri, experiment : str
        The store; it is opened when there is something to take there.
    """

    def __init__(self, uri: str, experiment: str) -> None:
        self._uri, self._name = uri, experiment
        self._client: MlflowClient | None = None
        self._experiment = ""
        self._read: dict[Path, int] = {}  # up to where
        self._runs: dict[str, str] = {}  # MLflow's id of a run by its key, or by its invocation
        self._open: dict[Path, bool] = {}  # whether the last run of a journal has not ended for good

    def send(self, journals: Sequence[Path]) -> None:
        """Take all that is new in the journals to the store; raise what the store raises."""
        for path in journals:
            with _claimed(path) as there:
                if there and path.stat().st_size > self._read.get(path, 0):
                    self._send(path)

    def clear(self, journals: Sequence[Path]) -> None:
        """Delete the journals that were taken and tell of no run that may go on."""
        for path in journals:
            with _claimed(path) as there:
                if (
                    there
                    and path.stat().st_size == self._read.get(path, 0)
                    and not self._open.get(path, True)
                ):
                    path.unlink()

    def _send(self, path: Path) -> None:
        entries, end = read(path, self._read.get(path, 0))
        if self._client is None:
            self._client, self._experiment = open_store(self._uri, self._name)
        for key, part in groupby(entries, lambda entry: entry["run"]):
            for entry in _merged(part):
                self._apply(self._client, key, entry)
        for entry in entries:
            self._open[path] = entry.get("end") not in ENDED
        self._read[path] = end

    def _apply(self, client: "MlflowClient", key: str, entry: Entry) -> None:
        """Do what a line says."""
        from mlflow.entities import Metric

        if "begin" in entry:
            self._begin(client, key, entry)
        elif run := self._run(client, KEY, key):
            if "metrics" in entry:
                client.log_batch(run, metrics=[Metric(*value) for value in entry["metrics"]])
            elif "artifact" in entry:
                _copy(client, run, Path(entry["artifact"]))
            elif "end" in entry:
                self._end(client, run, entry["end"], entry["time"])

    def _begin(self, client: "MlflowClient", key: str, entry: Entry) -> None:
        """Make a run, under the pipeline's if there is one, or open it again."""
        from mlflow.entities import Param

        given, invocation = entry["begin"], entry["invocation"]
        tags = {**given["tags"], KEY: key}
        if PID in tags:
            self._close_dead(client)
        elif parent := invocation and self._run(client, INVOCATION, invocation):
            tags["mlflow.parentRunId"] = parent
        run = self._run(client, KEY, key)
        if run is None:
            made = client.create_run(
                self._experiment, start_time=entry["time"], run_name=given["name"], tags=tags
            )
            run = self._runs[key] = str(made.info.run_id)
        else:
            client.update_run(run, status="RUNNING")
            for name, value in tags.items():
                client.set_tag(run, name, value)
        parameters = [Param(name, str(value)) for name, value in given["parameters"].items()]
        for start in range(0, len(parameters), PARAMETERS):
            client.log_batch(run, params=parameters[start : start + PARAMETERS])

    def _end(self, client: "MlflowClient", run: str, status: str, time: int) -> None:
        """End a run, and whatever a killed job left running under it."""
        for child in self._search(
            client, f"tags.mlflow.parentRunId = '{run}' and attributes.status = 'RUNNING'"
        ):
            client.set_terminated(child.info.run_id, "KILLED", time)
        client.set_terminated(run, status, time)

    def _close_dead(self, client: "MlflowClient") -> None:
        """Close the runs of pipelines of this machine whose process is gone."""
        here = f"tags.{HOST} = '{socket.gethostname()}' and attributes.status = 'RUNNING'"
        for run in self._search(client, here):
            if not _is_alive(int(run.data.tags[PID])):
                self._end(client, run.info.run_id, "KILLED", run.info.start_time)

    def _run(self, client: "MlflowClient", tag: str, value: str) -> str | None:
        """Look a run up by a tag of its own."""
        if value not in self._runs:
            found = self._search(client, f"tags.{tag} = '{value}'")
            if not found:
                return None
            self._runs[value] = str(found[0].info.run_id)
        return self._runs[value]

    def _search(self, client: "MlflowClient", words: str) -> Sequence[Any]:
        found: Sequence[Any] = client.search_runs([self._experiment], words)
        return found


def _merged(entries: Iterator[Entry]) -> Iterator[Entry]:
    """Join the metrics of lines that follow each other, as many as MLflow takes at once."""
    for is_metrics, part in groupby(entries, lambda entry: "metrics" in entry):
        if not is_metrics:
            yield from part
            continue
        values = [value for entry in part for value in entry["metrics"]]
        for start in range(0, len(values), METRICS):
            yield {"metrics": values[start : start + METRICS]}


def _copy(client: "MlflowClient", run: str, path: Path) -> None:
    """Copy a file or a folder to the store, if it is still there."""
    if path.is_dir():
        client.log_artifacts(run, str(path), path.name)
    elif path.exists():
        client.log_artifact(run, str(path))


def here() -> Mapping[str, str]:
    """Return the tags by which it can be seen later whether this process is gone."""
    return {HOST: socket.gethostname(), PID: str(os.getpid())}


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


@contextlib.contextmanager
def _claimed(path: Path) -> Iterator[bool]:
    """Tell whether the file is there and no other courier is at it, which is kept off while the block runs."""
    file: IO[bytes]
    try:
        file = path.open("rb")
    except OSError:
        yield False
        return
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        except OSError:
            pass  # a file system without locks
        yield True
