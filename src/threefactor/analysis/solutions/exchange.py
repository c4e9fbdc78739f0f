"""Exchange two kinds of rules in every way that there is, to test whether they differ."""

from itertools import combinations
from math import comb, prod

import numpy as np
from numpy.typing import NDArray

MOST = 100_000
"""Arrangements that are still counted one by one."""


def exchange_p(
    values: NDArray[np.float64], is_one: NDArray[np.bool_], strata: NDArray[np.bool_]
) -> tuple[float, float]:
    """Test whether rules of one kind have other values than the rest, with rules exchanged within strata.

    Parameters
    ----------
    values : ndarray
        Value of each rule, (r).
    is_one : ndarray
        Kind of each rule, (r) bool.
    strata : ndarray
        Where rules are exchanged, (r): the level of the other factor. Both kinds must be in both.

    Returns
    -------
    tuple
        p = #{|mean over strata of the difference of means| ≥ seen} / arrangements, two-sided, and the smallest p that any
        values can have with so few rules; NaN for more than `MOST` arrangements.
    """
    parts = [(values[strata == level], is_one[strata == level]) for level in np.unique(strata)]
    if prod(comb(len(kind), int(kind.sum())) for _, kind in parts) > MOST:
        return float("nan"), float("nan")
    null, seen = np.zeros(1), 0.0
    for own, kind in parts:
        null = np.add.outer(null, differences(own, int(kind.sum()))).ravel()
        seen += own[kind].mean() - own[~kind].mean()
    tolerance = 1e-9 * max(float(np.abs(null).max()), np.finfo(float).tiny)
    is_symmetric = all(2 * kind.sum() == len(kind) for _, kind in parts)
    smallest = (2 if is_symmetric else 1) / len(null)
    return float((np.abs(null) >= abs(seen) - tolerance).mean()), smallest


def differences(values: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    """Give the mean of a choice of `count` values less the mean of the rest, for every choice."""
    chosen = np.array(list(combinations(range(len(values)), count)))
    inside = values[chosen].mean(1)
    return np.asarray(inside - (values.sum() - count * inside) / (len(values) - count))
