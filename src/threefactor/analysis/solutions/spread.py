"""How widely the solutions of one rule spread: the mean distance between two of its networks."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from threefactor.analysis.solutions.bootstrap import interval


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
        Mean distances, (d); NaN where fewer than two networks were drawn, and everywhere for two networks: their
        one distance is all that a sample can hold, and an interval of no width would claim certainty.
    """
    if len(distances) <= 2:
        return np.full(len(counts), np.nan)
    pairs = counts.sum(1) ** 2 - (counts**2).sum(1)
    total = ((counts @ distances) * counts).sum(1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(pairs > 0, total / pairs, np.nan))


def spread_rows(
    estimates: Mapping[str, float], samples: Mapping[str, NDArray[np.float64]], reference: str
) -> list[dict[str, float | str]]:
    """Put one quantity of every rule beside that of a reference rule.

    Parameters
    ----------
    estimates : mapping of rule to float
        The quantity.
    samples : mapping of rule to ndarray
        The quantity in each bootstrap sample, (d); sample by sample of the same initialisations.
    reference : str
        Rule that the ratios are to; they are NaN if it is absent.

    Returns
    -------
    list of dict
        A row per rule: estimate, low, high, ratio, ratio_low, ratio_high (95 %).
    """
    nothing = np.full(1, np.nan)
    rows: list[dict[str, float | str]] = []
    for rule, estimate in estimates.items():
        low, high = interval(samples[rule])
        ratio = estimate / (estimates.get(reference) or float("nan"))  # no ratio to no spread
        compared = samples.get(reference, nothing)
        ratio_low, ratio_high = interval(samples[rule] / np.where(compared == 0, np.nan, compared))
        row: dict[str, float | str] = {"learning_rule": rule, "estimate": estimate, "low": low, "high": high}
        rows.append(row | {"ratio": ratio, "ratio_low": ratio_low, "ratio_high": ratio_high})
    return rows
