"""Trials to criterion, with the networks that never reached it counted at the horizon."""

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest

from threefactor.analysis.solutions.bootstrap import interval, weighted_mean


def restricted_mean(trials: NDArray[np.float64], horizon: float) -> float:
    """Give the restricted mean number of trials, mean(min(trials, horizon)), of trials (n)."""
    return float(np.minimum(trials, horizon).mean())


def wilson_interval(successes: int, count: int, level: float = 0.95) -> tuple[float, float]:
    """Give Wilson's interval of a fraction.

    (p + z²/2n ± z √(p(1 − p)/n + z²/4n²)) / (1 + z²/n), p = successes / n (Wilson 1927); NaN for n = 0.
    """
    if count == 0:
        return float("nan"), float("nan")
    found = binomtest(int(successes), int(count)).proportion_ci(level, method="wilson")
    return float(found.low), float(found.high)


def mean_interval(values: NDArray[np.float64], counts: NDArray[np.float64]) -> tuple[float, float]:
    """Give the 95 % bootstrap interval of the mean of values (n), counts (d, n) from `resample_counts`."""
    return interval(weighted_mean(values, counts))


def paired_ratio(
    values: NDArray[np.float64], reference: NDArray[np.float64], counts: NDArray[np.float64]
) -> tuple[float, float, float]:
    """Compare the means of two rules on the same networks.

    Parameters
    ----------
    values, reference : ndarray
        Restricted trials of the rule and of the reference on the same networks, (n).
    counts : ndarray
        Bootstrap counts of these networks, (d, n).

    Returns
    -------
    tuple of float
        Ratio of means, and its 95 % paired bootstrap interval.
    """
    ratio = weighted_mean(values, counts) / weighted_mean(reference, counts)
    return float(values.mean() / reference.mean()), *interval(ratio)
