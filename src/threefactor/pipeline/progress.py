"""How far a job is: a bar on a terminal, a line now and then in a log file."""

import contextlib
import logging
import sys
import time
from collections.abc import Iterator
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn
from rich.progress import TimeRemainingColumn as TimeLeft
from rich.text import Text

INTERVAL = 10.0
"""Seconds between two lines in a log file."""


class Advance(Protocol):
    """Anything that counts work done."""

    def advance(self, n: int = 1) -> None:
        """Count `n` more pieces of work."""


@contextlib.contextmanager
def progress(total: int, description: str, done: int, log: logging.Logger) -> Iterator[Advance]:
    """Show progress while the block runs; lines of a log where there is no terminal."""
    if sys.stderr.isatty():
        with _bar(total, description, done) as bar:
            yield bar
        return
    lines = Lines(total, description, done, log)
    yield lines
    lines.say()


@contextlib.contextmanager
def waiting(words: str) -> Iterator[None]:
    """Show on a terminal that something goes on of which nobody knows how far it is."""
    if sys.stderr.isatty():
        with Console(stderr=True).status(words):
            yield
    else:
        yield


class Lines:
    """Progress as lines of a log: count, rate and time left."""

    def __init__(self, total: int, description: str, done: int, log: logging.Logger) -> None:
        self._total, self._description, self._log = total, description, log
        self._start = self._done = done
        self._began = self._said = time.monotonic()

    def advance(self, n: int = 1) -> None:
        """Count `n` more pieces of work; say so if the last line is old."""
        self._done += n
        if time.monotonic() - self._said >= INTERVAL:
            self.say()

    def say(self) -> None:
        """Write one line."""
        self._said = time.monotonic()
        rate = (self._done - self._start) / max(self._said - self._began, 1e-9)
        left = (self._total - self._done) / rate if rate > 0 else float("nan")
        count = f"{self._done}/{self._total}"
        self._log.info("%s %s, %.3g/s, %.0f s left", self._description, count, rate, left)


class _Bar:
    """Progress as a bar."""

    def __init__(self, bars: Progress, total: int, description: str, done: int) -> None:
        self._bars = bars
        self._task = bars.add_task(description, total=total, completed=done)

    def advance(self, n: int = 1) -> None:
        self._bars.advance(self._task, n)


class _Rate(ProgressColumn):
    """Pieces of work in a second."""

    def render(self, task: Task) -> Text:
        return Text(f"{task.speed or 0:.3g}/s", style="cyan")


@contextlib.contextmanager
def _bar(total: int, description: str, done: int) -> Iterator[_Bar]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), _Rate(), TimeLeft())
    with Progress(*columns, console=Console(stderr=True)) as bars:
        yield _Bar(bars, total, description, done)
