"""What the search for a rule costs: trials simulated until its score on held-out networks equals that of evolution's.

All rules on one task are scored on the same networks, trials and perturbations. Evolution simulates a pair of learning
runs for each perturbation of theta; derivatives need one learning run for each network.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from threefactor.analysis.table import Column, Table, stacked

EVOLUTION = "evolution"

PROGRESS = (0.5, 0.95, 1.0)
"""Shares of evolution's improvement, from its first score to its best, at which trials are compared."""


class Search(NamedTuple):
    """How a rule was searched for."""

    search_class: str  # constraints of the rule, its start and its hyperparameters
    estimator: str  # of the meta-gradient
    search: str  # name of the search; its random starts share it


_RULE = Column("learning_rule", "", "learned rule")

_SEARCH = Column("search", "", "name of the search; its random starts share it")

SEARCHES = Table(
    "a learned rule and score on held-out networks",
    (
        _RULE,
        Column("search_class", "", "constraints of the rule, its start and its hyperparameters"),
        Column("estimator", "", "estimator of the meta-gradient"),
        _SEARCH,
        Column("trials", "trials", "trials simulated until then to learn θ, all networks"),
        Column("smoothed_error_rate", "", "score, mean over networks"),
        Column("smoothed_error_rate_standard_error", "", "its standard error over networks"),
        Column("kept", "", "whether this θ is taken"),
    ),
)
"""Columns of ``searches.csv``."""

SAVINGS = Table(
    "an evolved rule, a rule of its class that derivatives learned, and a share of evolution's improvement",
    (
        Column("evolution", "", "rule that evolution learned"),
        _RULE,
        _SEARCH,
        Column("progress", "fraction", "share of evolution's improvement from its first to its best score"),
        Column("smoothed_error_rate", "", "score at that share"),
        Column("evolution_trials", "trials", "trials that evolution simulated until it had this score"),
        Column(
            "trials", "trials", "trials that the other search simulated; empty where it never was as good"
        ),
        Column(
            "saving",
            "",
            "ratio of the two; empty where the other search was as good from the start, or never",
        ),
    ),
)
"""Columns of ``savings.csv``."""


def searches(held_out: Mapping[str, pd.DataFrame], known: Mapping[str, Search]) -> pd.DataFrame:
    """Join the scores of all rules, a row per rule and score.

    Parameters
    ----------
    held_out
        ``held_out.csv`` of each learned rule.
    known
        How each rule was searched for; rules that are not among them are left out.
    """
    parts = [
        table.assign(learning_rule=name, **known[name]._asdict())
        for name, table in held_out.items()
        if len(table) and name in known
    ]
    return stacked(parts, SEARCHES)


def savings(scores: pd.DataFrame) -> pd.DataFrame:
    """Compare every rule that evolution learned with the rules of the same class that derivatives learned.

    ``saving`` is the number of trials that evolution simulated until its score had made a share of its improvement
    (`PROGRESS`), divided by the number that the other rule needed for as good a score.  Scores are interpolated
    linearly.  It is NaN where the other rule never was as good, or was so from the start.  An evolved rule that never
    scored better than its start is left out.
    """
    rows = []
    for evolved, curve in scores[scores.estimator == EVOLUTION].groupby("learning_rule", sort=False):
        first, best = float(curve.smoothed_error_rate.iloc[0]), float(curve.smoothed_error_rate.min())
        if not best < first:
            continue
        others = scores[(scores.search_class == curve.search_class.iloc[0]) & (scores.estimator != EVOLUTION)]
        for (rule, search), other in others.groupby(["learning_rule", "search"], sort=False):
            for progress in PROGRESS:
                level = (1 - progress) * first + progress * best  # exactly the best at last
                needed, trials = _first(curve, level), _first(other, level)
                saving = needed / trials if trials > 0 else np.nan
                rows.append((evolved, rule, search, progress, level, needed, trials, saving))
    return pd.DataFrame(rows, columns=SAVINGS.names())


def rivals(scores: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return the scores of each evolved rule with those of its class, by its name, and all others by ``""``."""
    evolved = scores[scores.estimator == EVOLUTION].drop_duplicates("learning_rule")
    parts = {
        str(rule): scores[
            (scores.search_class == own) & ((scores.estimator != EVOLUTION) | (scores.learning_rule == rule))
        ]
        for rule, own in zip(evolved.learning_rule, evolved.search_class, strict=True)
    }
    rest = scores[~scores.search_class.isin(evolved.search_class)]
    return parts | ({"": rest} if len(rest) else {})


def findings(savings: pd.DataFrame) -> list[dict[str, Any]]:
    """Summarise what derivatives save, an entry for each share of evolution's improvement.

    Returns
    -------
    list of dict
        progress; evolution_trials: by evolved rule; comparisons; arrived: comparisons in which the other rule became as
        good; from_start: those in which it was so from the start; trials, saving: of the others, least, most and median,
        or None.
    """
    return [_at(progress, part) for progress, part in savings.groupby("progress", sort=True)]


def _at(progress: Any, part: pd.DataFrame) -> dict[str, Any]:
    """Summarise the comparisons at one share of evolution's improvement."""
    arrived = part.dropna(subset="trials")
    moved = arrived[arrived.trials > 0]
    needed = part.groupby("evolution", sort=False).evolution_trials.first()
    return {
        "progress": float(progress),
        "evolution_trials": {str(rule): float(trials) for rule, trials in needed.items()},
        "comparisons": len(part),
        "arrived": len(arrived),
        "from_start": len(arrived) - len(moved),
        "trials": _range(moved.trials) if len(moved) else None,
        "saving": _range(moved.saving) if len(moved) else None,
    }


def _range(values: "pd.Series[float]") -> list[float]:
    """Return the least, the largest and the median value."""
    return [float(values.min()), float(values.max()), float(values.median())]


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
