"""The coefficients of a rule on a grid of powers, and the function of rate and deviation that they define."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Array = NDArray[np.float64]


def as_grid(table: pd.DataFrame, column: str) -> Array:
    """Return one column of ``theta.csv`` by powers, (k, l); NaN where the rule has no such term."""
    size = int(max(table.k.max(), table.l.max())) + 1
    grid = np.full((size, size), np.nan)
    grid[table.k, table.l] = table[column]
    return grid


def growth(theta: Array, rate: Array, deviation: Array) -> Array:
    """Return H(r, d) = Σ_kl θ_kl d^l r^k at all pairs, (r, d), divided by its largest modulus.

    Parameters
    ----------
    theta : ndarray
        Coefficients, (k, l); NaN counts as zero.
    rate, deviation : ndarray
        Values of the presynaptic rate (r) and of the postsynaptic deviation (d).
    """
    values = np.polynomial.polynomial.polygrid2d(rate, deviation, np.nan_to_num(theta))
    return np.asarray(values / max(float(np.abs(values).max()), np.finfo(float).tiny))
