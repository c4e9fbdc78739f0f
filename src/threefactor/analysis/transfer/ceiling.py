"""The share of the gap between the reference rule and the ceiling that a rule closes."""

import numpy as np
from numpy.typing import NDArray

from threefactor.analysis.solutions.bootstrap import interval, weighted_mean
from threefactor.analysis.solutions.trials_to_criterion import paired_ratio

Values = NDArray[np.float64]
Counts = NDArray[np.float64]

UNKNOWN = (float("nan"),) * 3


def gap_closed(
    values: Values, reference: Values, ceiling: Values, counts: Counts
) -> tuple[float, float, float]:
    """Return the gap closed, (1 − ρ) / (1 − ρ_ceiling): 0 for the reference, 1 for the ceiling.

    ρ is the ratio of a rule's mean to that of the reference.  The gap closed is unknown (NaN) where the interval of the
    ceiling's ratio is not below 1, since there is no gap to close.

    Parameters
    ----------
    values, reference, ceiling : ndarray
        Restricted trials to criterion of the rule, the reference and the ceiling on the same networks, (n).
    counts : ndarray
        Bootstrap counts of these networks, (d, n).

    Returns
    -------
    tuple of float
        The gap closed, and its 95 % paired bootstrap interval.
    """
    if not paired_ratio(ceiling, reference, counts)[2] < 1:
        return UNKNOWN
    rule, start, end = (weighted_mean(part, counts) for part in (values, reference, ceiling))
    with np.errstate(invalid="ignore", divide="ignore"):
        drawn = (start - rule) / (start - end)
    share = (reference.mean() - values.mean()) / (reference.mean() - ceiling.mean())
    return float(share), *interval(drawn)
