"""What rules do under other settings, in words taken from the numbers."""

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from threefactor.analysis.transfer.speed import CEILING, REFERENCE

PAPER_RATIO = 0.59
"""Trials to criterion of the learned rule by those of theta_33 in the poster's paper: 620 by 1,050, about ten runs."""

TOLD = (REFERENCE, CEILING, "bptt", "rflo", "eprop")
"""The reference, and rules that are told kicks or errors: none of them is a rule of the deviation that could be found."""


def finding(rules: pd.DataFrame, published: pd.DataFrame, tuned: str, untuned: str) -> str:
    """Say which rules hold where, how near to the ceiling, and how that stands beside what papers report.

    Parameters
    ----------
    rules, published : DataFrame
        The tables of `threefactor.analysis.transfer`.
    tuned, untuned : str
        The conditions that are compared with the paper's ratio; empty for none.
    """
    words = [_holds(rules), _ceiling(rules), _paper(rules, tuned, untuned)]
    words += [_beside(row) for row in published.to_dict("records")]
    words.append(_failures(rules))
    return " ".join(word for word in words if word)


def _holds(rules: pd.DataFrame) -> str:
    """Count the conditions in which each rule of the deviation is faster or slower than theta_33."""
    seen = rules[~rules.learning_rule.isin(TOLD) & rules.ratio_to_theta_33.notna()]
    told = []
    for name, part in seen.groupby("learning_rule", sort=False):
        faster, slower = (part.ratio_high < 1).sum(), (part.ratio_low > 1).sum()
        unseen = len(part) - faster - slower
        told.append(f"``{name}`` is faster in {faster}, slower in {slower}, not told apart in {unseen}")
    if not told:
        return ""
    count = seen.condition.nunique()
    return (
        f"Beside θ₃₃ with the same constants, over {count} condition{'s' * (count > 1)}: {'; '.join(told)}."
    )


def _ceiling(rules: pd.DataFrame) -> str:
    """Say in each condition which rule goes farthest on the way to the ceiling."""
    seen = rules[~rules.learning_rule.isin(TOLD) & rules.gap_closed.notna()]
    if not len(seen):
        return ""
    best = seen.loc[seen.groupby("condition", sort=False).gap_closed.idxmax()]
    told = [
        f"{_name(r['condition'])} {100 * r['gap_closed']:.0f} % [{100 * r['gap_closed_low']:.0f}, {100 * r['gap_closed_high']:.0f}] "
        f"(``{r['learning_rule']}``)"
        for r in best.to_dict("records")
    ]
    chosen = " (chosen by these very networks)" if seen.learning_rule.nunique() > 1 else ""
    return f"Of the way from θ₃₃ to true kicks, the best of them{chosen} goes: {', '.join(told)}."


def _paper(rules: pd.DataFrame, tuned: str, untuned: str) -> str:
    """Compare the best rule with theta_33, with tuned and with old constants, beside the paper's ratio."""
    own = rules[(rules.condition == tuned) & rules.ratio_to_untuned.notna()]
    found, plain = own[~own.learning_rule.isin(TOLD)], own[own.learning_rule == REFERENCE]
    if not len(plain):
        return ""
    words = [
        f"With the constants of {_name(tuned)} θ₃₃ needs {_ratio(plain.iloc[0], 'untuned')} of the trials that it needs "
        f"with those of {_name(untuned)}"
    ]
    if len(found):
        best = found.sort_values("restricted_mean").iloc[0]
        words.append(
            f"``{best.learning_rule}`` needs {_ratio(best, 'untuned')} of them, and {_ratio(best, 'ratio')} of what θ₃₃ "
            "needs with the tuned ones"
        )
    return f"{'; '.join(words)}. The paper reports {PAPER_RATIO:g}."


def beside_evolution(pairs: pd.DataFrame, kin: Mapping[str, Sequence[str]]) -> str:
    """Say how rules that derivatives found stand beside the one of their kind that evolution found.

    Parameters
    ----------
    pairs : DataFrame
        The table of pairs of `threefactor.analysis.transfer`.
    kin : mapping
        Per evolved rule, those of its kind that derivatives found.
    """
    told = []
    for (condition, evolved), part in pairs.groupby(["condition", "beside"], sort=False):
        own = part[part.learning_rule.isin(kin.get(str(evolved), ())) & (part.networks > 0)]
        ratios = [
            f"``{r.learning_rule}`` {r.ratio:.2f} [{r.ratio_low:.2f}, {r.ratio_high:.2f}]"
            for r in own.itertuples()
        ]
        if ratios:
            told.append(
                f"Of the trials that ``{evolved}``, found by evolution, needs under {_name(str(condition))}, rules that "
                f"derivatives found need: {', '.join(ratios)}."
            )
    return " ".join(told)


def _ratio(row: "pd.Series[float]", kind: str) -> str:
    """Write a ratio with its interval."""
    value = row.ratio_to_untuned if kind == "untuned" else row.ratio_to_theta_33
    return f"{value:.2f} [{row[f'{kind}_low']:.2f}, {row[f'{kind}_high']:.2f}]"


def _beside(row: Mapping[Hashable, Any]) -> str:
    """Compare with what a paper reports of theta_33."""
    median = f"{row['median']:.0f} trials" if np.isfinite(row["median"]) else "beyond the horizon"
    quartiles = [f"{row[end]:.0f}" if np.isfinite(row[end]) else "never" for end in ("iqr_low", "iqr_high")]
    return (
        f"Under {_name(row['condition'])} the median of θ₃₃ is {median} (quartiles {' to '.join(quartiles)}, "
        f"{row['reached']:.0f} of {row['networks']:.0f} networks at criterion); published is "
        f"{row['published_median']:.0f} ({row['published_low']:.0f} to {row['published_high']:.0f}, "
        f"{row['published_runs']:.0f} networks). Of samples of {row['published_runs']:.0f} of these networks "
        f"{100 * row['share_below']:.1f} % have a median as small; 95 % of their medians lie between "
        f"{row['median_of_runs_low']:.0f} and {row['median_of_runs_high']:.0f}."
    )


def _failures(rules: pd.DataFrame) -> str:
    """Count what was simulated, and what failed."""
    counts = f"{rules.networks.sum():.0f} networks lived {rules.trials.sum():.0f} trials in all"
    return f"{counts}; {rules.diverged.sum():.0f} diverged."


def _name(condition: str) -> str:
    """Write a condition as people do."""
    return condition.replace("_", " ")
