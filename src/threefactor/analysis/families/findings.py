"""Numbers that the captions of the compared and the pruned rules state."""

from typing import Any

import pandas as pd

FUNCTION = "function_distance_learning"
"""The distance between functions by which rules are clustered: over the states of the last trials of learning."""

RANKS = ("effective_rank", "participation_ratio")


def families(rules: pd.DataFrame, distances: pd.DataFrame, rank: pd.DataFrame) -> dict[str, Any]:
    """Summarise the comparison of learned rules.

    Parameters
    ----------
    rules, distances, rank : DataFrame
        As stage ``families`` writes them; ``rule_class`` is empty for a rule that was not learned.

    Returns
    -------
    dict
        same_class: pairs of rules of one class, the medians of their distances and the largest one, or None;
        clusters: learned rules in groups that are one function, and the threshold, or None without one;
        between_classes: median distance between rules of different classes, or None;
        best: the learned rule with the lowest smoothed error rate, or None;
        rank: of the weight tangents after the first and the last trial, or None.
    """
    learned = rules[rules.rule_class != ""]
    return {
        "same_class": _same_class(distances),
        "clusters": _clusters(learned),
        "between_classes": _between_classes(learned, distances),
        "best": _best(learned),
        "rank": _rank(rank),
    }


def _same_class(distances: pd.DataFrame) -> dict[str, Any] | None:
    """Summarise the distances between rules of one class."""
    same = distances[distances.same_class]
    if not len(same):
        return None
    return {
        "pairs": len(same),
        "theta_distance": float(same.theta_distance.median()),
        "function_distance": float(same[FUNCTION].median()),
        "largest_function_distance": float(same[FUNCTION].max()),
    }


def _clusters(learned: pd.DataFrame) -> dict[str, Any] | None:
    """List the learned rules that are one function."""
    if learned.threshold.isna().all():
        return None
    groups = [list(part.learning_rule) for _, part in learned.groupby("cluster")]
    return {"rules": len(learned), "threshold": float(learned.threshold.iloc[0]), "groups": groups}


def _between_classes(learned: pd.DataFrame, distances: pd.DataFrame) -> float | None:
    """Return the median distance between functions of learned rules of different classes."""
    known = distances["first"].isin(learned.learning_rule) & distances["second"].isin(learned.learning_rule)
    other = distances.loc[known & ~distances.same_class, FUNCTION].dropna()
    return float(other.median()) if len(other) else None


def _best(learned: pd.DataFrame) -> dict[str, Any] | None:
    """Compare the learned rule that scores best with the reference."""
    if not len(learned):
        return None
    best = learned.iloc[int(learned.change.to_numpy().argmin())]
    return {
        "learning_rule": str(best.learning_rule),
        "change": [float(best.change), float(best.change_low), float(best.change_high)],
        "networks": int(best.networks),
        "better_than_reference": int((learned.change_high < 0).sum()),
        "rules": len(learned),
        "failed": int(learned.failed.sum()),
    }


def _rank(rank: pd.DataFrame) -> dict[str, Any] | None:
    """Return the mean rank of the weight tangents after the first and the last trial."""
    known = rank.dropna(subset="effective_rank")
    if not len(known):
        return None
    ends = known.groupby("trial")[list(RANKS)].mean()
    first, last = int(ends.index.min()), int(ends.index.max())
    found = {name: [float(ends[name][first]), float(ends[name][last])] for name in RANKS}
    return {"terms": int(known.terms.max()), "trials": [first, last], **found}


def sparsity(path: pd.DataFrame, contributions: pd.DataFrame) -> dict[str, Any]:
    """Summarise what the terms of one rule contribute, and the path to fewer terms.

    Parameters
    ----------
    path, contributions : DataFrame
        As stage ``prune`` writes them.

    Returns
    -------
    dict
        terms; needed: terms without which the smoothed error rate is clearly higher; costliest: the term whose ablation
        costs most; steps: of the path after the dense rule; sparsest: the rule on the path with fewest terms that is not
        clearly worse than the dense one, or None.
    """
    terms = contributions[contributions.without != "nothing"]
    most = terms.iloc[int(terms.change.to_numpy().argmax())]
    steps = path[path.weight > 0]
    kept = steps[steps.change_low <= 0]
    sparsest = kept.iloc[int(kept.terms.to_numpy().argmin())] if len(kept) else None
    return {
        "terms": len(terms),
        "needed": int((terms.change_low > 0).sum()),
        "costliest": {"term": str(most.without), "change": _change(most)},
        "steps": len(steps),
        "sparsest": None
        if sparsest is None
        else {"terms": int(sparsest.terms), "of": int(path.terms.iloc[0]), "change": _change(sparsest)},
    }


def _change(row: "pd.Series[float]") -> list[float]:
    """Return a change of the smoothed error rate with its 95 % interval."""
    return [float(row.change), float(row.change_low), float(row.change_high)]
