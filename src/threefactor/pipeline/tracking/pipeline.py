"""The MLflow run of one invocation of the pipeline, the parent of its jobs' runs, and the courier of all of them."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from threefactor.pipeline.tracking import claims, delivery, journal
from threefactor.pipeline.tracking.courier import Courier


def left(results: Path) -> list[Path]:
    """List the journals that lie in a folder of results."""
    return sorted(results.rglob(f"*{journal.SUFFIX}"))


class TrackedPipeline:
    """Tracks one invocation, from its first job to its last.

    Parameters
    ----------
    uri, experiment : str
        The store; an empty `uri` tracks nothing.
    own : Path
        The journal of the parent run.
    """

    def __init__(self, uri: str, experiment: str, own: Path) -> None:
        self._uri, self._experiment, self._own = uri, experiment, own
        self._courier: Courier | None = None
        self._journal = journal.Journal()

    def begin(self, tags: Mapping[str, str], settings: Path, jobs: Sequence[Path]) -> None:
        """Begin the parent run, and send the courier on its way.

        Parameters
        ----------
        tags : mapping of str to str
            What describes the whole experiment.
        settings : Path
            The file of settings that the jobs read; the run keeps a copy.
        jobs : sequence of Path
            The journals of the jobs. What earlier work left in the folder of its own goes to the store, too.
        """
        if not self._uri:
            return
        ours = {"threefactor.stage": "pipeline", delivery.INVOCATION: os.environ[journal.INVOCATION]}
        run = journal.Description(
            "pipeline", {**tags, **claims.here(), **ours}, fingerprint=os.environ[journal.INVOCATION]
        )
        self._journal = journal.begin(self._own, run)
        self._journal.artifacts([settings])
        journals = dict.fromkeys([self._own, *jobs, *left(self._own.parent)])
        self._courier = Courier(self._uri, self._experiment, list(journals))
        self._courier.start()

    def end(self, status: str, artifacts: Sequence[Path] = ()) -> None:
        """End the parent run, and whatever a killed job left running under it."""
        if self._courier is None:
            return
        self._journal.artifacts(artifacts)
        self._journal.end(status)
        self._courier.stop()
