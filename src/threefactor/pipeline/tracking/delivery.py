"""What the lines of a journal do to the MLflow store.  A line that comes twice changes nothing."""

import logging
import socket
import time
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from threefactor.locks import is_alive
from threefactor.pipeline.tracking.claims import HOST, PID, claimed, size_of
from threefactor.pipeline.tracking.journal import ENDED, Entry, read
from threefactor.pipeline.tracking.store import open_store, said

if TYPE_CHECKING:
    from mlflow import MlflowClient

KEY, INVOCATION = "threefactor.run", "threefactor.invocation"
"""Tags: the key of a run in its journal; the invocation that a pipeline's run is the parent of."""

LOG = logging.getLogger(__name__)

REFUSED = ("INVALID_PARAMETER_VALUE", "RESOURCE_DOES_NOT_EXIST", "INVALID_STATE", "BAD_REQUEST")
"""What MLflow says of a note that it will never take."""

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
        self._last: dict[Path, Entry] = {}  # the last line that tells whether a run of a journal goes on
        self._pipelines: set[str] = set()  # keys of the runs that are parents
        self._ends: list[tuple[str, Entry]] = []  # of pipelines: to be done after all that their jobs noted

    def send(self, journals: Sequence[Path]) -> None:
        """Take all that is new in the journals to the store; raise what the store raises."""
        for path in journals:
            if size_of(path) != self._read.get(path, 0):
                with claimed(path) as there:
                    if there:
                        self._send(path)
        while self._ends and self._client is not None:
            self._end_pipeline(self._client, *self._ends[0])
            del self._ends[0]

    def clear(self, journals: Sequence[Path]) -> None:
        """Delete the journals that were taken and tell of no run that may go on."""
        for path in journals:
            with claimed(path) as there:
                if there and size_of(path) == self._read.get(path, 0) and self._has_ended(path):
                    path.unlink()

    def _has_ended(self, path: Path) -> bool:
        """Tell whether the last run of a journal ended for good."""
        return self._last.get(path, {}).get("end") in ENDED

    def _send(self, path: Path) -> None:
        start = self._read.get(path, 0)
        entries, end = read(path, start if size_of(path) > start else 0)  # shorter: it is another one
        if self._client is None:
            self._client, self._experiment = open_store(self._uri, self._name)
        for key, part in groupby(entries, lambda entry: entry["run"]):
            for entry in _merged(part):
                self._try(self._client, key, entry)
        for entry in entries:
            if "begin" in entry or "end" in entry:
                self._last[path] = entry
        self._read[path] = end

    def _try(self, client: "MlflowClient", key: str, entry: Entry) -> None:
        """Do what a line says; one that the store refuses for good, as of a deleted run, holds no other up."""
        from mlflow.exceptions import MlflowException

        try:
            self._apply(client, key, entry)
        except MlflowException as problem:
            if problem.error_code not in REFUSED:
                raise
            LOG.warning("the store refuses a note: %s", said(problem))

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
            elif "end" in entry and key in self._pipelines:
                self._ends.append((run, entry))
            elif "end" in entry:
                client.set_terminated(run, entry["end"], entry["time"])

    def _begin(self, client: "MlflowClient", key: str, entry: Entry) -> None:
        """Make a run, under the pipeline's if there is one, or open it again."""
        from mlflow.entities import Param

        given, invocation = entry["begin"], entry["invocation"]
        tags = {**given["tags"], KEY: key}
        if PID in tags:
            self._pipelines.add(key)
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

    def _end_pipeline(self, client: "MlflowClient", run: str, entry: Entry) -> None:
        """End the run of a pipeline, and what killed jobs left running: under it, or in a journal that it knows."""
        for key in [line["run"] for line in self._last.values() if "begin" in line]:
            if (killed := self._run(client, KEY, key)) is not None:
                client.set_terminated(killed, "KILLED", entry["time"])
        self._close(client, run, entry["end"], entry["time"])

    def _close(self, client: "MlflowClient", run: str, status: str, at: int) -> None:
        """End a run and those that run under it."""
        for child in self._search(
            client, f"tags.mlflow.parentRunId = '{run}' and attributes.status = 'RUNNING'"
        ):
            client.set_terminated(child.info.run_id, "KILLED", at)
        client.set_terminated(run, status, at)

    def _close_dead(self, client: "MlflowClient") -> None:
        """Close the runs of pipelines of this machine whose process is gone."""
        here = f"tags.{HOST} = '{socket.gethostname()}' and attributes.status = 'RUNNING'"
        for run in self._search(client, here):
            if not is_alive(int(run.data.tags[PID])):
                self._close(client, run.info.run_id, "KILLED", int(time.time() * 1000))

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
