"""What finding a rule costs: how soon its score on networks held out gets as good as that of evolution's rule.

All rules on one task are scored on the same networks, trials and kicks. Evolution simulates a pair of lifetimes for
each perturbation of theta; derivatives need one lifetime for each network.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd

EVOLUTION = "evolution"

WAYS = {0.5: "half-way to its best score", 0.95: "95 % of that way", 1.0: "its best score"}
"""Shares of evolution's way from its first score to its best at which trials are compared, and their names."""

SAVINGS = [
    *("evolution", "learning_rule", "search", "way", "smoothed_error_rate"),
    *("evolution_trials", "trials", "saving"),
]


class Sought(NamedTuple):
    """How a rule was sought."""

    kind: str  # what the rule may be, its terms, deviation and so on, and where it started
    estimator: str
    search: str  # its name; several random starts have the same


def searches(held_out: Mapping[str, pd.DataFrame], sought: Mapping[str, Sought]) -> pd.DataFrame:
    """Put the scores of all rules below each other.

    Parameters
    ----------
    held_out
        held_out.csv of each learned rule.
    sought
        How each was sought; rules that are left out there are left out.
    """
    parts = [
        table.assign(learning_rule=name, **sought[name]._asdict())
        for name, table in held_out.items()
        if len(table) and name in sought
    ]
    columns = [
        "learning_rule",
        *Sought._fields,
        "trials",
        "smoothed_error_rate",
        "smoothed_error_rate_standard_error",
        "kept",
    ]
    return pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)


def savings(scores: pd.DataFrame) -> pd.DataFrame:
    """Compare every rule that evolution learned with those of the same kind that derivatives did.

    ``saving`` is the number of trials that evolution simulated until its score had gone a share of its way (`WAYS`) to
    its best, by the number that the other rule needed for as good a score (linear between scores; NaN where it never
    was as good, or was so from the start). Where evolution never got better than it began, there is nothing to compare.
    """
    rows = []
    for evolved, curve in scores[scores.estimator == EVOLUTION].groupby("learning_rule", sort=False):
        first, best = float(curve.smoothed_error_rate.iloc[0]), float(curve.smoothed_error_rate.min())
        if not best < first:
            continue
        kin = scores[(scores.kind == curve.kind.iloc[0]) & (scores.estimator != EVOLUTION)]
        for (rule, search), other in kin.groupby(["learning_rule", "search"], sort=False):
            for way in WAYS:
                level = (1 - way) * first + way * best  # exactly the best at last
                needed, trials = _first(curve, level), _first(other, level)
                saving = needed / trials if trials > 0 else np.nan
                rows.append((evolved, rule, search, way, level, needed, trials, saving))
    return pd.DataFrame(rows, columns=SAVINGS)


def rivals(scores: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Part the scores into those of an evolved rule and its kind, by its name, and those without such a rival, by ''."""
    evolved = scores[scores.estimator == EVOLUTION].drop_duplicates("learning_rule")
    parts = {
        str(rule): scores[
            (scores.kind == kind) & ((scores.estimator != EVOLUTION) | (scores.learning_rule == rule))
        ]
        for rule, kind in zip(evolved.learning_rule, evolved.kind, strict=True)
    }
    rest = scores[~scores.kind.isin(evolved.kind)]
    return parts | ({"": rest} if len(rest) else {})


def _first(curve: pd.DataFrame, level: float) -> float:
    """Return the trials after which a score is at a level or below, linear between scores; NaN if it never is."""
    trials, score = curve.trials.to_numpy(float), curve.smoothed_error_rate.to_numpy(float)
    below = np.flatnonzero(score <= level)
    if not len(below):
        return float("nan")
    at = int(below[0])
    if at == 0:
        return float(trials[0])
    share = (score[at - 1] - level) / (score[at - 1] - score[at])
    return float(trials[at - 1] + share * (trials[at] - trials[at - 1]))
