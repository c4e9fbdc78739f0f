"""Process CPU time of many entries, a round of all of them after the other."""

import math
import time
from collections.abc import Callable
from statistics import median
from typing import Any

PATIENCE = 20.0  # seconds of a call up to which at least two samples are taken
SHORTEST = 0.02  # seconds that one sample takes at least: shorter calls are repeated


class Entry:
    """Something to time."""

    def __init__(self, key: Any, run: Callable[[], Any]) -> None:
        self.key, self.run = key, run
        begin = time.process_time()
        self.result = run()  # of the first call, until somebody has read it
        self.first = time.process_time() - begin
        self.repeats = 1
        self.spent = 0.0
        self.samples: list[float] = []

    def sample(self) -> None:
        """Time one sample, in CPU seconds a call."""
        begin = time.process_time()
        for _ in range(self.repeats):
            self.run()
        spent = time.process_time() - begin
        self.samples.append(spent / self.repeats)
        self.spent += spent

    def warm(self) -> None:
        """Find how often a sample repeats the call; a call that is slow anyway is not made for that."""
        if self.first < 1:
            begin = time.process_time()
            self.run()
            self.repeats = max(1, math.ceil(SHORTEST / max(time.process_time() - begin, 1e-6)))

    @property
    def median(self) -> float:
        """CPU seconds of one call."""
        return median(self.samples)


def interleave(entries: list[Entry], rounds: int, budget: float) -> None:
    """Take one sample of each entry per round, every round beginning with another entry.

    Parameters
    ----------
    entries
        What to time.
    rounds
        Samples of each.
    budget
        CPU seconds of an entry after which no further sample of it is taken, two samples being had.
    """
    for entry in entries:
        entry.result = None
        entry.warm()
    for r in range(rounds):
        first = r * len(entries) // rounds
        for entry in entries[first:] + entries[:first]:
            if entry.spent < budget or len(entry.samples) < (2 if entry.first < PATIENCE else 1):
                entry.sample()
