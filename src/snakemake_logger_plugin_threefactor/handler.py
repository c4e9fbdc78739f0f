"""One line for a whole run of the pipeline, in place of Snakemake's lines for each job."""

import logging
import math
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task
from rich.text import Text
from snakemake.logging import ColorizingTextHandler
from snakemake_interface_logger_plugins.base import LogHandlerBase
from snakemake_interface_logger_plugins.common import LogEvent

from threefactor.pipeline.progress import INTERVAL
from threefactor.pipeline.time_left import Jobs, earlier


class LogHandler(LogHandlerBase):
    """Shows how many jobs are done and the time left; warnings and failures in full.

    A dry run is shown as Snakemake does.
    """

    writes_to_stream, writes_to_file = True, False

    has_filter = has_formatter = needs_rulegraph = False

    def __post_init__(self) -> None:
        """Begin with nothing to show."""
        self._jobs = Jobs()
        self._usual = ColorizingTextHandler(nocolor=self.common_settings.nocolor, stream=sys.stderr)
        self._bars: Progress | None = None
        self._said = -math.inf
        self._remembers = False

    def emit(self, record: logging.LogRecord) -> None:
        """Count what a record tells, and show it."""
        if self.common_settings.dryrun:
            self._usual.setFormatter(self.formatter)
            self._usual.emit(record)
            return
        self._count(record)
        if record.levelno >= logging.WARNING:
            self._tell(self.format(record))
        self._show()

    def close(self) -> None:
        """Take the line off the screen, and leave its last state in a log."""
        if self._bars is not None:
            self._bars.stop()
        elif self._jobs.total:
            self._tell(self._words())
        self._bars, self._jobs = None, Jobs()  # Python closes every handler once more at its end
        super().close()

    def _count(self, record: logging.LogRecord) -> None:
        """Take down the plan, the beginning or the end of jobs."""
        of: dict[str, Any] = record.__dict__
        match of.get("event"):
            case LogEvent.RUN_INFO:
                self._jobs.plan({rule: count for rule, count in of["stats"].items() if rule != "total"})
            case LogEvent.JOB_INFO:
                self._remember(of["benchmark"])
                self._jobs.begin(of["jobid"], of["rule_name"])
            case LogEvent.JOB_FINISHED:
                self._jobs.end(of["job_id"])
            case LogEvent.JOB_ERROR:
                self._jobs.end(of["jobid"], failed=True)

    def _remember(self, benchmark: str | None) -> None:
        """Read once what jobs of earlier runs took; the first file of this one says where that is noted."""
        if benchmark and not self._remembers:
            self._remembers = True
            self._jobs.remember(earlier(Path(benchmark)))

    def _tell(self, words: str) -> None:
        """Print words above the line."""
        if self._bars is None:
            print(words, file=sys.stderr, flush=True)
        else:
            self._bars.console.print(words, markup=False, highlight=False, soft_wrap=True)

    def _show(self) -> None:
        """Bring the line up to date: on a terminal at once, in a log now and then."""
        if not self._jobs.total:
            return
        if not sys.stderr.isatty():
            if time.monotonic() - self._said >= INTERVAL:
                self._said = time.monotonic()
                self._tell(self._words())
            return
        if self._bars is None:
            self._bars = Progress(BarColumn(20), _Words(self._words), console=Console(stderr=True))
            self._bars.start()
            self._bars.add_task("", total=self._jobs.total)
        self._bars.update(self._bars.task_ids[0], completed=self._jobs.done)

    def _words(self) -> str:
        """Say how many jobs are done, how long the others may take, and which are at work."""
        at_work = ", ".join(self._jobs.at_work())
        left = "" if math.isnan(seconds := self._jobs.left()) else f", {duration(seconds)} left"
        return f"{self._jobs.done}/{self._jobs.total} jobs{left}" + (f": {at_work}" if at_work else "")


class _Words(ProgressColumn):
    """Words that are found anew at each look, as time goes on between two jobs."""

    def __init__(self, words: Callable[[], str]) -> None:
        super().__init__()
        self._words = words

    def render(self, task: Task) -> Text:
        return Text(self._words(), overflow="ellipsis", no_wrap=True)


def duration(seconds: float) -> str:
    """Write a time as a person says it."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"
