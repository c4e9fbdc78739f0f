"""Which of some learning rules gets networks to the levels of error soonest."""

from collections.abc import Collection

import pandas as pd


def restricted_means(levels: pd.DataFrame, rules: Collection[str]) -> "pd.Series[float]":
    """Return the restricted mean of trials, averaged over the levels, of each rule; the best one first.

    Parameters
    ----------
    levels
        A row per rule and level, with columns ``learning_rule``, ``level`` and ``restricted_mean``.
    rules
        The rules that are compared. One without a restricted mean at some level is left out.
    """
    own = levels[levels.learning_rule.isin(list(rules))]
    by_level = own.pivot(index="learning_rule", columns="level", values="restricted_mean")
    return by_level.dropna().mean(axis=1).sort_values(kind="stable")
