"""How widely a rule's networks spread beside how widely the task lets them: within-rule distance ÷ reachable distance.

    ρ = mean_{i≠j} d_ij / mean_a r_a

d are the distances between networks of one rule, and r_a is the mean distance between walks from anchor a, one of these
networks, that keep its error. A ratio below 1 says that the rule uses less than the task permits.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from threefactor.analysis.solutions.bootstrap import expanded_level, interval, weighted_mean
from threefactor.analysis.solutions.spread import mean_distance, resampled_distance


class SpreadOverNull(NamedTuple):
    """The two distances, their ratio and its 95 % interval."""

    within: float
    reachable: float
    ratio: float
    low: float
    high: float


def spread_over_null(
    distances: NDArray[np.float64],
    reachable: NDArray[np.float64],
    anchors: NDArray[np.int64],
    counts: NDArray[np.float64],
) -> SpreadOverNull:
    """Divide the mean distance within a rule by what is reachable, with a bootstrap over initialisations.

    Parameters
    ----------
    distances : ndarray
        Distances between the networks of a rule, (n, n).
    reachable : ndarray
        Mean distance between walks from each anchor, (a), by the same metric.
    anchors : ndarray
        Place of each anchor among the networks, (a): an anchor is drawn as often as its network.
    counts : ndarray
        How often each network was drawn, (d, n).

    Returns
    -------
    SpreadOverNull
        The interval is as wide as so few anchors ask for (`expanded_level`), and absent for fewer than three networks or
        anchors, which no sample can represent.

    Raises
    ------
    ValueError
        If there are not as many anchors as reachable distances.
    """
    if reachable.shape != anchors.shape:
        raise ValueError(
            f"reachable = {len(reachable)} distances: must be one for each of {len(anchors)} anchors"
        )
    within = mean_distance(distances)
    null = float(reachable.mean()) if len(reachable) else float("nan")
    ratio = within / null if null else float("nan")
    if len(anchors) < 3:
        return SpreadOverNull(within, null, ratio, float("nan"), float("nan"))
    drawn = weighted_mean(reachable, counts[:, anchors])
    with np.errstate(invalid="ignore", divide="ignore"):
        samples = resampled_distance(distances, counts) / drawn
    return SpreadOverNull(within, null, ratio, *interval(samples, expanded_level(len(anchors))))
