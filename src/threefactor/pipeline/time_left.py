"""How far a run of the whole pipeline is: jobs done, and the time left by what such jobs took before."""

import math
import statistics
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

BENCHMARKS = "benchmarks"
"""Folder, below the results, of what Snakemake notes of each job: ``<stage>/<job>.tsv``, ``draw/<figure>.tsv``."""


class Jobs:
    """The jobs of one run, by rule: those to come, those at work since when, and the seconds that others took."""

    def __init__(self) -> None:
        self.total = self.done = 0
        self._waiting: Counter[str] = Counter()
        self._running: dict[int, tuple[str, float]] = {}
        self._took: dict[str, list[float]] = {}
        self._most = 1  # jobs at work at one time

    def plan(self, counts: Mapping[str, int]) -> None:
        """Take down how many jobs of each rule there are."""
        self._waiting = Counter(counts)
        self.total = self._waiting.total()

    def remember(self, took: Mapping[str, Iterable[float]]) -> None:
        """Take down the seconds of jobs of earlier runs, by rule."""
        for rule, seconds in took.items():
            self._took.setdefault(rule, []).extend(seconds)

    def begin(self, job: int, rule: str) -> None:
        """Count a job that begins."""
        self._waiting[rule] -= 1
        self._running[job] = (rule, time.monotonic())
        self._most = max(self._most, len(self._running))

    def end(self, job: int, *, failed: bool = False) -> None:
        """Count a job that ends; one that failed is to come again, or never."""
        if job not in self._running:
            return
        rule, began = self._running.pop(job)
        if failed:
            self._waiting[rule] += 1
            return
        self.done += 1
        self._took.setdefault(rule, []).append(time.monotonic() - began)

    def at_work(self) -> list[str]:
        """Name the rules whose jobs are at work, each once."""
        return list(dict.fromkeys(rule for rule, _ in self._running.values()))

    def left(self) -> float:
        """Return the seconds to the end, s: of each job the median of its rule, else that of all; NaN without any."""
        if not self._took:
            return math.nan
        usual = {rule: statistics.median(seconds) for rule, seconds in self._took.items()}
        other, now = statistics.median(usual.values()), time.monotonic()
        waiting = sum(count * usual.get(rule, other) for rule, count in self._waiting.items())
        running = [max(usual.get(rule, other) - (now - began), 0.0) for rule, began in self._running.values()]
        return max((waiting + sum(running)) / self._most, *running, 0.0)


def earlier(benchmark: Path) -> dict[str, list[float]]:
    """Return the seconds that jobs took, by rule, of all benchmarks of the results in which this one lies; s."""
    found: dict[str, list[float]] = {}
    root = next((folder for folder in benchmark.parents if folder.name == BENCHMARKS), None)
    for path in sorted(root.rglob("*.tsv")) if root else ():
        stage = path.relative_to(root or path).parts[0].removesuffix(".tsv")
        rule = f"draw_{path.stem}" if stage == "draw" else stage
        if (seconds := _seconds(path)) is not None:
            found.setdefault(rule, []).append(seconds)
    return found


def _seconds(path: Path) -> float | None:
    """Return the column ``s`` of a benchmark; None where the file is none."""
    try:
        names, values = path.read_text(encoding="utf-8").splitlines()[:2]
        return float(dict(zip(names.split("\t"), values.split("\t"), strict=True))["s"])
    except (OSError, ValueError, KeyError):
        return None
