"""What a job notes to be tracked: lines of a file beside its output, which a courier takes to MLflow.

A job so neither imports MLflow, which can take as long as its work, nor waits for a store. Every line names its run by
a key that the job made up, hence a line that is taken to the store twice changes nothing.
"""

import contextlib
import json
import math
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

INTERVAL = 1.0
"""Seconds between two writes of metrics."""

INVOCATION = "THREEFACTOR_INVOCATION"
"""Set by the Snakefile and inherited by its jobs, also on a cluster."""

SUFFIX = ".tracking"
"""Of a journal, beside the first output of its job."""

ENDED = ("FINISHED", "FAILED")
"""How a run ends for good; a job that was KILLED goes on with its run."""

Entry = dict[str, Any]


class Description(NamedTuple):
    """What is tracked of a run before it begins."""

    name: str
    tags: Mapping[str, str]
    parameters: Mapping[str, object] = {}
    fingerprint: str = ""
    """Of code, settings and inputs: a job of another fingerprint begins a run of its own."""


class Journal:
    """The notes of one run.

    Parameters
    ----------
    path : Path or None
        The file that they are added to; None notes nothing.
    key : str
        Of the run.
    steps : mapping of str to int
        The last step that was noted of each metric, before a job was killed.
    """

    def __init__(
        self, path: Path | None = None, key: str = "", steps: Mapping[str, int] | None = None
    ) -> None:
        self._path, self._key, self._steps = path, key, dict(steps or {})
        self._buffer: list[tuple[str, float, int, int]] = []  # name, value, milliseconds, step
        self._written, self._torn = time.monotonic(), False

    def metrics(self, values: Mapping[str, float], step: int) -> None:
        """Note values at a step; what is not finite is left out, what was noted before is not repeated."""
        now = _now()
        for name, value in values.items():
            if math.isfinite(value) and step > self._steps.get(name, -1):
                self._steps[name] = step
                self._buffer.append((name, float(value), now, step))
        if time.monotonic() - self._written > INTERVAL:
            self.flush()

    def flush(self) -> None:
        """Write the values noted so far."""
        buffer, self._buffer = self._buffer, []
        self._written = time.monotonic()
        if buffer:
            self._write({"metrics": buffer})

    def artifacts(self, paths: Sequence[Path]) -> None:
        """Note files, or folders, of which the store is to have a copy."""
        for path in paths:
            self._write({"artifact": str(path.absolute())})

    def begin(self, run: Description) -> None:
        """Note what the run is."""
        self._write({"begin": run._asdict(), "invocation": os.environ.get(INVOCATION, ""), "time": _now()})

    def end(self, status: str) -> None:
        """Write what is left, and how the run ended."""
        self.flush()
        self._write({"end": status, "time": _now()})

    def _write(self, entry: Entry) -> None:
        """Add a line; tracking must not break work, so a full disk costs lines."""
        if self._path is None:
            return
        line = json.dumps({"run": self._key, **entry}, default=str) + "\n"
        try:
            with self._path.open("a", encoding="utf-8") as file:
                file.write("\n" + line if self._torn else line)
            self._torn = False
        except OSError:
            self._torn = True  # perhaps in the middle of the line


def begin(path: Path | None, run: Description) -> Journal:
    """Begin a run, or go on with the one that a killed job of the same fingerprint left."""
    if path is None:
        return Journal()
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
    left = _last(path)
    if left is not None and left.status not in ENDED and left.fingerprint == run.fingerprint:
        journal = Journal(path, left.key, left.steps)
    else:
        if left is not None and not left.status:
            Journal(path, left.key).end("KILLED")
        journal = Journal(path, uuid4().hex)
    journal.begin(run)
    return journal


@contextlib.contextmanager
def note(path: Path | None, run: Description) -> Iterator[Journal]:
    """Note a run that ends with the block: as FINISHED, FAILED (an error) or KILLED (an exit, to be resumed)."""
    journal = begin(path, run)
    status = "KILLED"
    try:
        yield journal
        status = "FINISHED"
    except Exception:
        status = "FAILED"
        raise
    finally:
        journal.end(status)


def read(path: Path, start: int = 0) -> tuple[list[Entry], int]:
    """Read the whole lines from a place in the file on, and return where the next ones will begin."""
    with path.open("rb") as file:
        file.seek(start)
        text = file.read()
    whole = text[: text.rfind(b"\n") + 1]
    return [entry for line in whole.splitlines() if (entry := _parsed(line))], start + len(whole)


class _Left(NamedTuple):
    """The last run of a journal."""

    key: str
    fingerprint: str
    status: str  # how it ended, '' if nothing says so
    steps: Mapping[str, int]


def _last(path: Path) -> _Left | None:
    """Return the last run that a file tells of, and end its last line where a kill cut it."""
    try:
        entries, end = read(path)
        if end < path.stat().st_size:
            with path.open("a", encoding="utf-8") as file:
                file.write("\n")
    except OSError:
        return None
    begun = [entry for entry in entries if "begin" in entry]
    if not begun:
        return None
    own = [entry for entry in entries if entry["run"] == begun[-1]["run"]]
    steps = {name: step for entry in own for name, _, _, step in entry.get("metrics", ())}
    return _Left(begun[-1]["run"], begun[-1]["begin"]["fingerprint"], own[-1].get("end", ""), steps)


def _parsed(line: bytes) -> Entry | None:
    """Return a line's entry, None of a line that a kill cut."""
    try:
        entry: Entry = json.loads(line)
    except ValueError:
        return None
    return entry


def _now() -> int:
    return int(time.time() * 1000)
