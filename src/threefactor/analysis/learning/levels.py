"""How soon each rule brings networks to each level of noise-free error, and whether they stay there."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from threefactor.analysis.solutions.comparison_columns import LEVEL_SURVIVAL, LEVELS, LEVELS_BY_GAIN
from threefactor.analysis.solutions.learning_speed import (
    REFERENCE,
    Arrivals,
    arrivals_by_rule,
    speed_rows,
    survival_curves,
)
from threefactor.analysis.solutions.trials_to_criterion import wilson_interval
from threefactor.analysis.table import KEYS, stacked


def levels_table(
    levels: pd.DataFrame, retrained: pd.DataFrame, horizon: int, counts: NDArray[np.float64]
) -> pd.DataFrame:
    """Compare how soon the rules bring networks to each level, every network counted.

    Rules are compared up to one horizon. A network that crosses a level later, or whose rule was followed for less and
    that did not cross it, counts at that horizon.

    Parameters
    ----------
    levels : DataFrame
        ``levels.csv`` of all batches, with column learning_rule.
    retrained : DataFrame
        The tables of networks of all batches, with column learning_rule.
    horizon : int
        Trials after which a network has failed.
    counts : ndarray
        Bootstrap counts of the initialisations by id, (d, ids).
    """
    at_end = levels.merge(retrained[[*KEYS, "noise_free_error"]], on=list(KEYS), validate="many_to_one")
    parts = []
    for level, part in at_end.groupby("level", sort=False):
        rows = pd.DataFrame(speed_rows(_within(part, horizon), REFERENCE, horizon, counts))
        more = [_after(rule, of_rule) for rule, of_rule in part.groupby("learning_rule", sort=False)]
        whole = rows.merge(pd.DataFrame(more), on="learning_rule", validate="one_to_one")
        parts.append(whole.assign(level=level, horizon=horizon))
    return stacked([part.rename(columns={"ratio": "ratio_to_theta_33"}) for part in parts], LEVELS)


def levels_by_gain(
    levels: pd.DataFrame, retrained: pd.DataFrame, horizon: int, counts: NDArray[np.float64]
) -> pd.DataFrame:
    """Compare the rules as `levels_table` does, among the networks of each gain of the initial weights."""
    parts = []
    for gain, own in retrained.groupby("gain"):
        of_gain = levels.merge(own[list(KEYS)], on=list(KEYS))
        parts.append(levels_table(of_gain, own, horizon, counts).assign(gain=gain))
    return stacked(parts, LEVELS_BY_GAIN)


def level_survival_table(levels: pd.DataFrame) -> pd.DataFrame:
    """Give the Kaplan–Meier curve of every rule to each level; `levels` as in `levels_table`."""
    curves = [
        curve.assign(level=level)
        for level, part in levels.groupby("level", sort=False)
        for curve in survival_curves(arrivals_by_rule(part, "trials", "crossed"))
    ]
    return stacked(curves, LEVEL_SURVIVAL)


def _within(part: pd.DataFrame, horizon: int) -> dict[str, Arrivals]:
    """Take when networks crossed a level, within a horizon."""
    in_time = part.crossed.astype(bool) & (part.trials <= horizon)
    limited = part.assign(in_time=in_time, trials=part.trials.where(in_time, horizon))
    return arrivals_by_rule(limited, "trials", "in_time")


def _after(rule: object, part: pd.DataFrame) -> dict[str, object]:
    """Sum up the networks of a rule that crossed a level: their error then, and how many are above it in the end."""
    crossed = part[part.crossed.astype(bool)]
    lost = int((crossed.noise_free_error > crossed.level).sum())
    low, high = wilson_interval(lost, len(crossed))
    quartiles = dict(zip((0.25, 0.5, 0.75), ("error_low", "error", "error_high"), strict=True))
    return {
        "learning_rule": rule,
        **{name: crossed.error.quantile(q) for q, name in quartiles.items()},
        "crossed": len(crossed),
        "lost": lost,
        "lost_fraction": lost / len(crossed) if len(crossed) else float("nan"),
        "lost_low": low,
        "lost_high": high,
    }
