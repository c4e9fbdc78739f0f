"""Rules that are the same under all conditions, compared with theta_33 whose constants were tuned for each of them."""

from collections.abc import Collection
from typing import Any

import pandas as pd

from threefactor.analysis.transfer.condition_columns import TO_TUNED, TUNED


def against_tuned(rules: pd.DataFrame, candidates: Collection[str], target: float) -> dict[str, Any] | None:
    """Count the conditions in which rules are faster than the tuned theta_33, and list those in which they fail.

    Parameters
    ----------
    rules : DataFrame
        Of `threefactor.analysis.transfer.condition_tables.rules_table`.
    candidates : collection of str
        Rules that are compared.
    target : float
        Ratio of restricted means that a rule is to have at most.

    Returns
    -------
    dict or None
        None without a tuned theta_33.  target; conditions: number with a tuned theta_33; tuned_lost: those in which fewer
        than half of its own networks reached the criterion; rules: by candidate, conditions in which both were run, at
        most the target (within), faster, slower and not resolved by the interval, and names of conditions in which no
        network (none), or some but fewer than half (few), reached the criterion.
    """
    if not set(TO_TUNED) <= set(rules):
        return None
    tuned = rules[rules.learning_rule == TUNED]
    found = rules[rules.learning_rule.isin(candidates) & rules.condition.isin(tuned.condition)]
    return {
        "target": target,
        "conditions": len(tuned),
        "tuned_lost": _names(tuned[tuned.reached_fraction < 0.5]),
        "rules": {
            str(name): _of_rule(part, target) for name, part in found.groupby("learning_rule", sort=False)
        },
    }


def _of_rule(part: pd.DataFrame, target: float) -> dict[str, Any]:
    """Sum up one rule, a row per condition."""
    ratio, low, high = (part[name] for name in TO_TUNED)
    faster, slower = int((high < 1).sum()), int((low > 1).sum())
    few = (part.reached > 0) & (part.reached_fraction < 0.5)
    return {
        "conditions": len(part),
        "within": int((ratio <= target).sum()),
        "faster": faster,
        "slower": slower,
        "unresolved": len(part) - faster - slower,
        "none": _names(part[part.reached == 0]),
        "few": _names(part[few]),
    }


def _names(part: pd.DataFrame) -> list[str]:
    """List the conditions of rows."""
    return [str(name) for name in part.condition]
