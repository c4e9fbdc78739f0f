"""The thread that takes what jobs noted to the MLflow store, while they work.

Files are the truth: a store that is slow or broken holds no job up, and what it did not take stays noted for the next
time.
"""

import contextlib
import logging
import os
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

from threefactor.experiment.settings.addresses import shown
from threefactor.pipeline.tracking.delivery import Delivery
from threefactor.pipeline.tracking.journal import INVOCATION, Description, Journal, note
from threefactor.pipeline.tracking.store import prepare, said

LOG = logging.getLogger(__name__)

INTERVAL = 1.0
"""Seconds between two looks at the journals."""

PAUSE = 30.0
"""Seconds that a store which failed is left alone."""

PATIENCE = 15.0
"""Seconds that the end of the work waits for the store at most."""


class Courier:
    """Takes journals to a store until it is stopped.

    Parameters
    ----------
    uri, experiment : str
        The store.
    journals : sequence of Path
        Files that are there or will be, that of a parent run before those of its jobs.
    """

    def __init__(self, uri: str, experiment: str, journals: Sequence[Path]) -> None:
        self._uri, self._journals = uri, journals
        self._delivery = Delivery(uri, experiment)
        self._stopping, self._lock = threading.Event(), threading.Lock()
        self._failed, self._warned = False, False
        self._thread = threading.Thread(target=self._work, name="courier", daemon=True)

    def start(self) -> None:
        """Begin; MLflow is imported here, since two threads that import at once can trip each other up."""
        try:
            prepare()
        except ModuleNotFoundError as problem:
            self._warn(str(problem))
            return
        self._thread.start()

    def stop(self) -> None:
        """Take what is left, for a limited time, and delete the journals of runs that ended for good."""
        self._stopping.set()
        if self._thread.ident is None:  # it never began
            return
        self._thread.join(PATIENCE)
        if self._thread.is_alive():
            self._warn(f"no answer within {PATIENCE:.0f} s")
        elif not self._failed:
            self._delivery.clear(self._journals)

    def _work(self) -> None:
        """Look at the journals again and again, and once more after the end."""
        while True:
            last = self._stopping.wait(INTERVAL)
            self._look()
            if last:
                return
            if self._failed:
                self._stopping.wait(PAUSE)

    def _look(self) -> None:
        try:
            self._delivery.send(self._journals)
            self._failed = False
        except Exception as problem:
            self._failed = True
            self._warn(said(problem))

    def _warn(self, problem: str) -> None:
        """Say once what is wrong."""
        with self._lock:
            if not self._warned:
                LOG.warning(
                    "not tracked for now (%s), the work goes on and its notes are kept: %s",
                    shown(self._uri),
                    problem,
                )
            self._warned = True


@contextlib.contextmanager
def track(uri: str, experiment: str, path: Path, run: Description) -> Iterator[Journal]:
    """Track a job, whose notes the pipeline's courier takes to the store; a job that is run by hand has its own.

    Parameters
    ----------
    uri, experiment : str
        The store; an empty `uri` tracks nothing.
    path : Path
        The journal.
    run : Description
        The job.
    """
    courier = Courier(uri, experiment, [path]) if uri and not os.environ.get(INVOCATION) else None
    if courier:
        courier.start()
    try:
        with note(path if uri else None, run) as journal:
            yield journal
    finally:
        if courier:
            courier.stop()
