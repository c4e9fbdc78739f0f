"""How widely the solutions of one rule spread: the mean distance between two of its networks."""

import numpy as np
from numpy.typing import NDArray


def mean_distance(distances: NDArray[np.float64]) -> float:
    """Give the mean distance over pairs of distinct networks, (n, n) to a number; NaN for fewer than two."""
    count = len(distances)
    if count < 2:
        return float("nan")
    return float(distances.sum() / (count * (count - 1)))


def resampled_distance(distances: NDArray[np.float64], counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the mean distance in each bootstrap sample.

    d̄ = Σ_{i≠j} c_i c_j d_ij / Σ_{i≠j} c_i c_j: a network drawn twice is not paired with itself, whose
    distance of zero would make every spread too small.

    Parameters
    ----------
    distances : ndarray
        Distances, (n, n), zero on the diagonal.
    counts : ndarray
        How often each network was drawn, (d, n).

    Returns
    -------
    ndarray
        Mean distances, (d); NaN where fewer than two networks were drawn.
    """
    pairs = counts.sum(1) ** 2 - (counts**2).sum(1)
    total = ((counts @ distances) * counts).sum(1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(pairs > 0, total / pairs, np.nan))
