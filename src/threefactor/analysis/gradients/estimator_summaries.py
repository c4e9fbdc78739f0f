"""What the tables of stage ``estimate`` say of the estimators: their bias, their error and what they need."""

import numpy as np
import pandas as pd

from threefactor.analysis.gradients.estimators import ALONG, NORM, TRUTH
from threefactor.metalearning.estimator_bias import SCORES

ENOUGH = 0.5
"""Root mean square error, as a share of the gradient's norm, that is good enough for a step."""


def needed(table: pd.DataFrame) -> pd.DataFrame:
    """Return what each estimator needs for an error of half the gradient's norm.

    Parameters
    ----------
    table : DataFrame
        Rows of ``estimate/<plasticity_strength>.csv``.

    Returns
    -------
    DataFrame
        A row per plasticity_strength, noise, horizon and estimator: networks_needed (infinite where the bias
        alone is larger), and seconds_needed.
    """
    norm = table[table.term == NORM]
    room = (ENOUGH * norm.truth) ** 2 - norm.bias**2
    networks = (norm.deviation**2 / room.where(room > 0)).clip(lower=1).where(room > 0, np.inf)
    networks = networks.where(norm.truth > 0)
    columns = ["plasticity_strength", "noise", "horizon", "estimator"]
    return norm[columns].assign(
        networks_needed=networks, seconds_needed=networks * norm.horizon * norm.seconds
    )


def shares(table: pd.DataFrame) -> pd.DataFrame:
    """Keep, of the score estimators with either baseline, the share of the gradient that they have on average."""
    rows = table[(table.term == ALONG) & table.estimator.isin(SCORES) & table.share.notna()]
    columns = ["plasticity_strength", "noise", "horizon", "estimator", "share", "share_low", "share_high"]
    return rows[columns].sort_values("horizon", kind="stable").reset_index(drop=True)


def biases(table: pd.DataFrame) -> pd.DataFrame:
    """Return biases along the truth in shares of it, at the longest horizon: measured, and expected where that is known.

    Returns
    -------
    DataFrame
        A row per plasticity_strength, noise, source (sample, expected) and estimator: bias, low, high (95 % t interval).
    """
    rows = table[(table.term == ALONG) & (table.horizon == table.horizon.max()) & (table.estimator != TRUTH)]
    parts = []
    for source, name in (("sample", "bias"), ("expected", "expected_bias")):
        part = rows[["plasticity_strength", "noise", "estimator"]].assign(source=source)
        for column, end in (("bias", ""), ("low", "_low"), ("high", "_high")):
            part[column] = rows[f"{name}{end}"] / rows.truth
        parts.append(part if source == "sample" else part[rows.estimator.isin(SCORES)])
    return pd.concat(parts, ignore_index=True)


def curves(errors: pd.DataFrame) -> pd.DataFrame:
    """Return errors in shares of the gradient's norm at the longest horizon, without the running average as baseline."""
    rows = errors[(errors.horizon == errors.horizon.max()) & ~errors.estimator.str.endswith("_running")]
    return rows.assign(relative=rows.rmse / rows.truth, relative_clipped=rows.rmse_clipped / rows.truth)


def headline(table: pd.DataFrame) -> dict[str, float]:
    """Return bias, spread and failures at the longest horizon and the first noise, by estimator, to be tracked."""
    last = table[(table.horizon == table.horizon.max()) & (table.noise == table.noise.iloc[0])]
    found: dict[str, float] = {}
    for row in last[last.term == NORM].itertuples():
        found |= {
            f"{row.estimator}.deviation": float(row.deviation),
            f"{row.estimator}.bias": float(row.bias),
            f"{row.estimator}.failed": float(row.failed),
        }
    return found
