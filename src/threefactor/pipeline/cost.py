"""CPU time of jobs: each writes its own into its log, and `by_stage` adds them up.

Snakemake's benchmark files sample CPU time now and then, and miss much of short jobs.
"""

import logging
import os
import re
from pathlib import Path
from typing import NamedTuple

LOG = logging.getLogger("threefactor.cost")

PATTERN = re.compile(r"used ([\d.]+) s of CPU, ([\d.]+) s of them to start")


def used() -> float:
    """Return the CPU time of this process and of the children that it waited for, s."""
    return sum(os.times()[:4])


def log(start: float) -> None:
    """Write what this job used, of which `start` seconds before it began to compute."""
    LOG.info("used %.2f s of CPU, %.2f s of them to start", used(), start)


class Cost(NamedTuple):
    """CPU time of the jobs of a stage."""

    stage: str
    jobs: int
    cpu_s: float
    start_s: float  # of cpu_s, before the jobs began to compute


def by_stage(logs: Path) -> list[Cost]:
    """Add up the CPU time of the jobs of each stage, the dearest first.

    Parameters
    ----------
    logs
        Folder of logs, ``<stage>/<job>.log`` or ``<stage>.log``; those of jobs that did not end are left out.
    """
    found: dict[str, list[tuple[float, float]]] = {}
    for path in sorted(logs.rglob("*.log")):
        if lines := PATTERN.findall(path.read_text(encoding="utf-8", errors="replace")):
            stage = path.relative_to(logs).parts[0].removesuffix(".log")
            total, start = map(float, lines[-1])
            found.setdefault(stage, []).append((total, start))
    costs = [
        Cost(stage, len(jobs), sum(total for total, _ in jobs), sum(start for _, start in jobs))
        for stage, jobs in found.items()
    ]
    return sorted(costs, key=lambda cost: -cost.cpu_s)
