"""Recovered coefficients as a table: intervals, and which terms are really there."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import t as student

from threefactor.validation.recovery import Fit

LEVEL = 0.95

COLUMNS = ["k", "l", "recovered", "standard_error", "freedom", "low", "high", "p", "found"]


def table(fit: Fit, terms: Sequence[tuple[int, int]]) -> pd.DataFrame:
    """Return a row per term.

    Returns
    -------
    DataFrame
        k, l; recovered, standard_error, freedom (of Student's t), low, high (95 %); p (two-sided, that the coefficient is
        zero, for all terms together by Holm's method); found (bool: p below 0.05).
    """
    value, error, freedom = (part.numpy() for part in (fit.value, fit.standard_error, fit.freedom))
    reach = student.ppf((1 + LEVEL) / 2, freedom) * error
    chance = holm(2 * student.sf(np.abs(value / error), freedom))
    k, l = zip(*terms, strict=True)
    columns = (k, l, value, error, freedom, value - reach, value + reach, chance, chance < 1 - LEVEL)
    return pd.DataFrame(dict(zip(COLUMNS, columns, strict=True)))


def holm(chance: NDArray[np.float64]) -> NDArray[np.float64]:
    """Correct p values for their number (Holm 1979)."""
    order = np.argsort(chance)
    stepped = np.maximum.accumulate(chance[order] * np.arange(len(chance), 0, -1))
    corrected = np.empty_like(stepped)
    corrected[order] = np.minimum(stepped, 1)
    return corrected


def relative_error(rows: pd.DataFrame) -> float:
    """Return the norm of recovered minus true coefficients by that of the true ones, both scaled."""
    difference = (rows.recovered - rows.true) / rows.scale
    return float(np.linalg.norm(difference) / np.linalg.norm(rows.true / rows.scale))
