"""Coverage of intervals, and how often terms are found that the rule has, or has not."""

import numpy as np
from scipy.stats import t as student
from torch import Tensor

from threefactor.analysis.recovery.coefficient_table import LEVEL, holm
from threefactor.analysis.recovery.repeats import Repeats
from threefactor.analysis.table import Column

COVERAGE = (
    Column("repeats", "draws", "draws of noise"),
    Column(
        "coverage", "fraction of intervals", "95 % intervals of all terms that contain the true coefficient"
    ),
    Column("coverage_low", "fraction of intervals", "lower end of its own 95 % interval, over draws"),
    Column("coverage_high", "fraction of intervals", "upper end of its own 95 % interval, over draws"),
    Column("found", "fraction of terms", "terms of the rule that are found"),
    Column(
        "false_alarms", "fraction of draws", "draws in which another term is found; empty where there is none"
    ),
    Column("error", "", "median over draws of the relative error of θ, in units that make terms alike"),
    Column("error_low", "", "first quartile"),
    Column("error_high", "", "third quartile"),
)
"""Columns of `coverage`."""


def coverage(fits: Repeats, true: Tensor, unit: Tensor) -> dict[str, float]:
    """Summarise n fits of p terms.

    Parameters
    ----------
    fits
        To the same trials under different noise.
    true, unit
        The true coefficients, and units that make terms alike, p.

    Returns
    -------
    dict
        A value for each column of `COVERAGE`; repeats are independent.
    """
    value, error, freedom = (part.numpy() for part in fits)
    wanted, size, count = true.numpy(), unit.numpy(), len(value)
    there = wanted != 0
    covered = (np.abs(value - wanted) <= student.ppf((1 + LEVEL) / 2, freedom) * error).mean(1)
    share = float(covered.mean())
    reach = float(student.ppf((1 + LEVEL) / 2, count - 1) * covered.std(ddof=1) / count**0.5)
    found = holm(np.asarray(2 * student.sf(np.abs(value / error), freedom))) < 1 - LEVEL
    alarms = float(found[:, ~there].any(1).mean()) if (~there).any() else float("nan")
    apart = np.linalg.norm((value - wanted) / size, axis=1) / np.linalg.norm(wanted / size)
    low, middle, high = np.quantile(apart, (0.25, 0.5, 0.75)).tolist()
    intervals = (share, max(share - reach, 0.0), min(share + reach, 1.0))
    values = (count, *intervals, float(found[:, there].mean()), alarms, middle, low, high)
    return dict(zip([column.name for column in COVERAGE], values, strict=True))
