"""Numbers that the caption of the rules under all conditions states."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from threefactor.analysis.solutions.learning_speed import REFERENCE

PAPER_RATIO = 0.59
"""Trials to criterion of the learned rule by those of theta_33 in the poster's paper: 620 by 1,050, about ten runs."""


def findings(
    rules: pd.DataFrame, published: pd.DataFrame, candidates: Collection[str], tuned: str, untuned: str
) -> dict[str, Any]:
    """Summarise which rules hold under which conditions.

    Parameters
    ----------
    rules, published : DataFrame
        The tables of `threefactor.analysis.transfer`.
    candidates : collection of str
        Rules that could be found: those that have access to the reward alone, the reference aside.
    tuned, untuned : str
        Rules of the first condition are compared with theta_33 of the second; empty for none.

    Returns
    -------
    dict
        conditions: number in which candidates are compared; speed: by candidate, conditions in which it is faster than
        theta_33, slower, and not resolved; gap_closed: by condition, the candidate that closes most; is_selected: whether
        it was chosen among several; constants: comparison with the untuned theta_33, or None; published: a dict per
        condition that a paper reports on; networks, trials, diverged: of all that was simulated; networks_each: the
        fewest and the most of a rule and condition.
    """
    found = rules[rules.learning_rule.isin(candidates)]
    closed = found[found.gap_closed.notna()]
    compared = found[found.ratio_to_theta_33.notna()]
    return {
        "conditions": int(compared.condition.nunique()),
        "speed": {str(name): _counts(part) for name, part in compared.groupby("learning_rule", sort=False)},
        "gap_closed": _largest_gaps(closed),
        "is_selected": closed.learning_rule.nunique() > 1,
        "constants": _constants(rules, candidates, tuned, untuned),
        "published": [_published(row) for row in published.to_dict("records")],
        "networks": int(rules.networks.sum()),
        "networks_each": [int(rules.networks.min()), int(rules.networks.max())],
        "trials": int(rules.trials.sum()),
        "diverged": int(rules.diverged.sum()),
    }


def _counts(part: pd.DataFrame) -> dict[str, int]:
    """Count the conditions in which a rule is faster or slower than theta_33 by its interval."""
    faster, slower = int((part.ratio_high < 1).sum()), int((part.ratio_low > 1).sum())
    return {"faster": faster, "slower": slower, "unresolved": len(part) - faster - slower}


def _largest_gaps(closed: pd.DataFrame) -> dict[str, dict[str, Any]]:
    """Return, by condition, the rule that closes most of the gap to the ceiling."""
    if not len(closed):
        return {}
    best = closed.loc[closed.groupby("condition", sort=False).gap_closed.idxmax()]
    return {
        str(row["condition"]): {
            "learning_rule": str(row["learning_rule"]),
            "gap_closed": [float(row[f"gap_closed{end}"]) for end in ("", "_low", "_high")],
        }
        for row in best.to_dict("records")
    }


def _constants(
    rules: pd.DataFrame, candidates: Collection[str], tuned: str, untuned: str
) -> dict[str, Any] | None:
    """Compare the fastest candidate with theta_33, under tuned and untuned constants, and with the paper's ratio."""
    own = rules[(rules.condition == tuned) & rules.ratio_to_untuned.notna()]
    reference = own[own.learning_rule == REFERENCE]
    if not len(reference):
        return None
    found = own[own.learning_rule.isin(candidates)].sort_values("restricted_mean")
    return {
        "tuned": tuned,
        "untuned": untuned,
        "theta_33": _to_untuned(reference.iloc[0]),
        "best": _best(found.iloc[0]) if len(found) else None,
        "paper_ratio": PAPER_RATIO,
    }


def _best(row: "pd.Series[float]") -> dict[str, Any]:
    """Return the ratios of one rule to theta_33 with untuned and with tuned constants."""
    to_tuned = [float(row.ratio_to_theta_33), float(row.ratio_low), float(row.ratio_high)]
    return {"learning_rule": str(row.learning_rule), "to_untuned": _to_untuned(row), "to_tuned": to_tuned}


def _to_untuned(row: "pd.Series[float]") -> list[float]:
    """Return a ratio with its interval."""
    return [float(row.ratio_to_untuned), float(row.untuned_low), float(row.untuned_high)]


def _published(row: Mapping[Any, Any]) -> dict[str, Any]:
    """Compare the median of theta_33 with the published one; a median beyond the horizon is None."""
    quartiles = [_finite(row[end]) for end in ("iqr_low", "iqr_high")]
    return {
        "condition": row["condition"],
        "median": _finite(row["median"]),
        "quartiles": quartiles,
        "networks": int(row["networks"]),
        "reached": int(row["reached"]),
        "published_median": float(row["published_median"]),
        "published_quartiles": [float(row["published_low"]), float(row["published_high"])],
        "published_runs": int(row["published_runs"]),
        "share_below": float(row["share_below"]),
        "median_of_runs": [float(row["median_of_runs_low"]), float(row["median_of_runs_high"])],
    }


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def compared_with_evolution(pairs: pd.DataFrame, rivals: Mapping[str, Sequence[str]]) -> list[dict[str, Any]]:
    """Return the ratios of rules that derivatives found to the rule of their class that evolution found.

    Parameters
    ----------
    pairs : DataFrame
        The table of pairs of `threefactor.analysis.transfer`.
    rivals : mapping
        By evolved rule, those of its class that derivatives found.

    Returns
    -------
    list of dict
        By condition and evolved rule: condition, evolved, ratios (of trials, with interval, by rule).
    """
    found = []
    for (condition, evolved), part in pairs.groupby(["condition", "beside"], sort=False):
        own = part[part.learning_rule.isin(rivals.get(str(evolved), ())) & (part.networks > 0)]
        ratios = {
            str(row["learning_rule"]): [float(row[name]) for name in ("ratio", "ratio_low", "ratio_high")]
            for row in own.to_dict("records")
        }
        if ratios:
            found.append({"condition": str(condition), "evolved": str(evolved), "ratios": ratios})
    return found
