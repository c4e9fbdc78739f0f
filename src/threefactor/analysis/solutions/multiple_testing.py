"""Correct the p of a table for their number. A p that is NaN is no test: it stays NaN and does not count."""

import numpy as np
from numpy.typing import NDArray
from scipy.stats import false_discovery_control


def holm(p: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give p (m) corrected so that any false positive at all has the level of the test (Holm 1979).

    With p sorted from below, p'_(i) = max_{j≤i} min(1, (m − j) p_(j)), j from 0.
    """
    corrected, at = np.full(p.shape, np.nan), np.flatnonzero(np.isfinite(p))
    order = at[np.argsort(p[at], kind="stable")]
    corrected[order] = np.maximum.accumulate(np.minimum(1, np.arange(len(at), 0, -1) * p[order]))
    return corrected


def benjamini_hochberg(p: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give p (m) corrected so that the share of false positives among positives has the level of the test."""
    corrected, at = np.full(p.shape, np.nan), np.isfinite(p)
    if at.any():
        corrected[at] = false_discovery_control(p[at])
    return corrected
