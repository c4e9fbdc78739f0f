"""Coverage of intervals, and how often terms are found that the rule has, or has not."""

import numpy as np
from scipy.stats import t as student
from torch import Tensor

from threefactor.analysis.recovery.repeats import Repeats
from threefactor.analysis.recovery.table import LEVEL, holm

COLUMNS = [
    *("repeats", "coverage", "coverage_low", "coverage_high", "found", "false_alarms"),
    *("error", "error_low", "error_high"),
]


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
        repeats; coverage (share of the terms' 95 % intervals that contain the true coefficient, mean over repeats),
        coverage_low, coverage_high (its own 95 % interval, repeats being independent); found (share of the rule's terms
        that are found), false_alarms (share of repeats in which a term is found that the rule has not; NaN if it has
        all); error, error_low, error_high (median and quartiles over repeats, of the norm of recovered minus true
        coefficients by that of the true ones, in units).
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
    return dict(zip(COLUMNS, values, strict=True))
