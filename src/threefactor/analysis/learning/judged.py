"""Whether a learned rule is better than every hand-made one: trials to each goal under all rules that are judged."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from threefactor.analysis.solutions.learning_speed import (
    Arrivals,
    arrivals_by_rule,
    shared_ratio,
    speed_row,
)
from threefactor.analysis.solutions.verdict import NO, UNKNOWN, YES
from threefactor.analysis.table import Column, Table, stacked, with_interval

CRITERION = "criterion"
"""The goal that is no level of noise-free error."""

JUDGED = Table(
    "a judged rule and goal",
    (
        Column("judged", "", "a learning rule, or family and place of a tuned one, see rivals"),
        Column("rival", "", "what a hand-made rule is, see rivals; empty for other rules"),
        Column("goal", "", "criterion, or a level of noise-free error"),
        Column("networks", "networks", "fresh networks, the same under every rule"),
        Column("reached", "networks", "networks that got there within the horizon"),
        *with_interval(
            "restricted_mean", "trials", "mean of the trials until then, failures counting at the horizon"
        ),
        *with_interval("ratio", "", "restricted mean of the learned rule by that of this one, paired"),
    ),
)
"""Columns of ``judged.csv``."""


class Answer(NamedTuple):
    """Whether the learned rule beats the best hand-made one at a goal."""

    answer: str  # yes, no or unknown
    best: str
    rival: str
    ratio: float
    low: float
    high: float


def judged_table(
    networks: pd.DataFrame,
    levels: pd.DataFrame,
    rivals: Mapping[str, str],
    learned: str,
    horizon: int,
    counts: NDArray[np.float64],
) -> pd.DataFrame:
    """Compare all judged rules with the learned one, goal by goal.

    Parameters
    ----------
    networks, levels : DataFrame
        Of all judged rules, whose names are in column ``learning_rule``.
    rivals : mapping of str to str
        What each rival is, by its name among the judged rules.
    learned : str
        Name of the learned rule.
    horizon : int
        Trials after which a network has failed.
    counts : ndarray
        Bootstrap counts of the networks by id, (d, ids).
    """
    goals = {CRITERION: arrivals_by_rule(networks, "trials_to_criterion", "reached")}
    for level, part in levels.groupby("level", sort=False):
        goals[f"{level:g}"] = arrivals_by_rule(part, "trials", "crossed")
    rows = [
        {"judged": name, "rival": rivals.get(name, ""), "goal": goal}
        | _row(arrivals, rules[learned], horizon, counts)
        for goal, rules in goals.items()
        for name, arrivals in rules.items()
    ]
    return stacked([pd.DataFrame(rows)], JUDGED)


def _row(
    arrivals: Arrivals, learned: Arrivals, horizon: int, counts: NDArray[np.float64]
) -> dict[str, float | int]:
    """Sum up one rule at one goal."""
    _, ratio, low, high = shared_ratio(learned, arrivals, horizon, counts)
    return speed_row(arrivals, horizon, counts) | {"ratio": ratio, "ratio_low": low, "ratio_high": high}


def answer(table: pd.DataFrame, goal: str) -> Answer:
    """Say whether the learned rule beats the hand-made rule with the smallest restricted mean at a goal.

    Yes needs an interval of the ratio below 1, no one above 1; else it is unknown which of the two is better.

    Parameters
    ----------
    table : DataFrame
        As `judged_table` returns it.
    goal : str
        One of its goals.
    """
    own = table[(table.goal == goal) & (table.rival.fillna("") != "")]
    if own.empty or own.ratio.isna().all():
        return Answer(UNKNOWN, "", "", *(float("nan"),) * 3)
    best = own.iloc[int(own.restricted_mean.to_numpy(float).argmin())]
    said = YES if best.ratio_high < 1 else NO if best.ratio_low > 1 else UNKNOWN
    return Answer(said, str(best.judged), str(best.rival), best.ratio, best.ratio_low, best.ratio_high)
