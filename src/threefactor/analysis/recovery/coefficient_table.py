"""Recovered coefficients as a table: intervals, and terms that differ from zero."""

import contextlib
from collections.abc import Sequence

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from scipy.stats import t as student
from torch import Generator, Tensor

from threefactor.analysis.recovery.recording import Blocks
from threefactor.analysis.recovery.regression import CollinearError, Fit, fit
from threefactor.analysis.table import Column

LEVEL = 0.95
DRAWS = 10  # choices of trials for each number of them

TERMS = (
    Column("k", "", "power of the presynaptic rate"),
    Column("l", "", "power of the postsynaptic deviation"),
    Column("recovered", "", "coefficient θ; η θ where the learning rate is unknown"),
    Column("standard_error", "", "robust to noise that is independent between trials"),
    Column("freedom", "", "degrees of freedom of Student's t"),
    Column("low", "", "lower end of its 95 % interval"),
    Column("high", "", "upper end of its 95 % interval"),
    Column("p", "", "two-sided, that the coefficient is zero, corrected for the number of terms (Holm)"),
    Column("found", "", "whether p is below 0.05"),
)
"""Columns of `table`."""


def table(fit: Fit, terms: Sequence[tuple[int, int]]) -> pd.DataFrame:
    """Return a row per term, with the columns `TERMS`."""
    value, error, freedom = (part.numpy() for part in (fit.value, fit.standard_error, fit.freedom))
    reach = student.ppf((1 + LEVEL) / 2, freedom) * error
    chance = holm(np.asarray(2 * student.sf(np.abs(value / error), freedom)))
    k, l = zip(*terms, strict=True)
    columns = (k, l, value, error, freedom, value - reach, value + reach, chance, chance < 1 - LEVEL)
    return pd.DataFrame(dict(zip([column.name for column in TERMS], columns, strict=True)))


def holm(chance: NDArray[np.float64]) -> NDArray[np.float64]:
    """Correct p values for their number (Holm 1979), along the last axis."""
    order = np.argsort(chance, axis=-1)
    rising = np.take_along_axis(chance, order, -1) * np.arange(chance.shape[-1], 0, -1)
    corrected = np.empty_like(rising)
    np.put_along_axis(corrected, order, np.minimum(np.maximum.accumulate(rising, -1), 1), -1)
    return corrected


def by_trials(
    found: Blocks, true: Tensor, unit: Tensor, counts: Sequence[int], *, generator: Generator
) -> pd.DataFrame:
    """Return the error of coefficients by the number of trials that they are fitted to.

    Returns
    -------
    DataFrame
        A row per number: trials; error, low, high (median and quartiles over `DRAWS` choices of trials, of the norm of
        recovered minus true coefficients by that of the true ones, in the units of `Fit`); failed (choices of trials in
        which the terms are collinear).
    """
    rows = []
    for count in counts:
        errors = []
        for _ in range(DRAWS):
            chosen = torch.randperm(len(found.rows), generator=generator)[:count]
            with contextlib.suppress(CollinearError):
                value = fit(Blocks(*(part[chosen] for part in found))).value
                errors.append(relative_error(value, true, unit))
        low, middle, high = np.quantile(errors, (0.25, 0.5, 0.75)) if errors else (np.nan,) * 3
        failed = DRAWS - len(errors)
        rows.append({"trials": count, "error": middle, "low": low, "high": high, "failed": failed})
    return pd.DataFrame(rows)


def relative_error(value: Tensor, true: Tensor, unit: Tensor) -> float:
    """Return the norm of found minus true coefficients by that of the true ones, in units that make terms alike."""
    return float(((value - true) / unit).norm() / (true / unit).norm())
