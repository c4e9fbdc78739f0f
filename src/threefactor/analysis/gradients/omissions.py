"""What the meta-gradient loses by what is left out of it: the rows that are drawn, and what they say."""

import numpy as np
import pandas as pd

TERMS = ("reward", "baseline", "gate", "clip", "indirect", "state")
"""Omissions of terms, in the order of the equation for the weight tangent."""

WORDS = {
    "reward": "∂R/∂θ",
    "baseline": "∂R̄/∂θ",
    "gate": "∂R/∂θ and ∂R̄/∂θ",
    "clip": "the clip's mask",
    "indirect": "the indirect terms of z",
    "state": "all that goes through states",
}

POOLS = ("median", "robust")


def by_term(table: pd.DataFrame) -> pd.DataFrame:
    """Keep, of omissions.csv, the pooled rows of omitted terms, at every horizon."""
    return table[table.over.isin(POOLS) & table.ablation.isin(TERMS)].reset_index(drop=True)


def by_window(table: pd.DataFrame) -> pd.DataFrame:
    """Keep the pooled rows of truncations at the last horizon, where a reward cannot see all updates anyway."""
    last = table[table.over.isin(POOLS) & (table.horizon == table.horizon.max()) & table.window.notna()]
    return last.sort_values(["learning_rule", "over", "window"], ignore_index=True)


def finding(table: pd.DataFrame, warm_up: int) -> str:
    """Say what omitting costs at the last horizon, rule by rule, and whether rounding matters beside it.

    Parameters
    ----------
    table
        omissions.csv.
    warm_up
        Trials at the start of a lifetime in which nothing is learned.
    """
    last = table[table.horizon == table.horizon.max()]
    said = [_rule(part, str(rule)) for rule, part in last.groupby("learning_rule", sort=False)]
    said = [words for words in said if words]
    if not said:
        return "In no network was the meta-gradient finite and other than zero: nothing can be said of omissions."
    trials = int(last.horizon.max()) - warm_up
    scope = f"Errors are shares of the exact gradient of the mean reward over {trials} trials of plasticity, in scaled θ."
    return " ".join([*said, _rounding(last), scope])


def _rule(part: pd.DataFrame, rule: str) -> str:
    """Return the sentences of one rule; empty without a finite gradient."""
    median, robust = (part[part.over == pool].set_index("ablation") for pool in POOLS)
    terms = median.reindex(TERMS).dropna(subset=["error"])
    if not len(terms):
        return ""
    return f"{_median(terms, rule)} {_robust(robust.reindex(TERMS))}{_windows(median, robust)}"


def _median(terms: pd.DataFrame, rule: str) -> str:
    """Say what the median network loses by each term, the largest loss first."""
    order = terms.sort_values("error", ascending=False, kind="stable")
    columns = (order[name].tolist() for name in ("error", "cosine"))
    low, high = float(order.error_low.iloc[0]), float(order.error_high.iloc[0])
    sure = f"the 95 % interval of the first error is {_share(low)} to {_share(high)}"
    sure = sure if np.isfinite(low) else "so few networks have no interval"
    costs = [
        f"{_share(error)} ({cosine:.2f}) without {WORDS[name]}"
        for name, error, cosine in zip(order.index.astype(str), *columns, strict=True)
    ]
    networks, failed = int(terms.networks.min()), int(terms.failed.max())
    lost = f" ({failed} more have no finite gradient)" if failed else ""
    return (
        f"Under {_name(rule)}, where the clip shortens {_share(float(terms.clipped.iloc[0]))} of the updates, "
        f"the gradient of the median of {networks} networks{lost} has this error (and this cosine with the exact one): "
        f"{_list(costs)}; {sure}."
    )


def _robust(terms: pd.DataFrame) -> str:
    """Say where the direction that the outer loop follows suffers most."""
    worst = terms.nsmallest(2, "cosine")
    if not len(worst):
        return "The outer loop's average has no direction."
    name, cosine, low, high = next(worst[["cosine", "cosine_low", "cosine_high"]].itertuples())
    next_worst = float(worst.cosine.iloc[-1])
    interval = f", 95 % interval {low:.2f} to {high:.2f}" if np.isfinite(low) else ""
    doubt = " (so few networks do not tell it from the next)" if high >= next_worst > cosine else ""
    return (
        f"The direction of the outer loop's average suffers, of these, most without {WORDS[name]}: "
        f"cosine {cosine:.2f}{interval}{doubt}."
    )


def _windows(median: pd.DataFrame, robust: pd.DataFrame) -> str:
    """Say what truncation does to the median network, and to the average that the outer loop follows."""
    kept = median[median.window.notna()].dropna(subset=["error"]).sort_values("window")
    if not len(kept):
        return ""
    errors, cosines = [_share(x) for x in kept.error], [f"{x:.2f}" for x in kept.cosine]
    updates = _list([f"{m:.0f}" for m in kept.window])
    words = f" Seeing only the last {updates} updates costs {_list(errors)} (cosine {_list(cosines)})"
    average = robust.reindex(kept.index).cosine
    if average.isna().any():
        return f"{words}."
    return f"{words}; the outer loop's average then has cosines of {_list([f'{x:.2f}' for x in average])}."


def _rounding(last: pd.DataFrame) -> str:
    """Say whether the errors are those of rounding."""
    median = last[last.over == "median"]
    floor = float(median[median.ablation == "rounding"].error.max())
    least = float(median[median.ablation.isin(TERMS) & (median.error > 0)].error.min())
    verdict = (
        "far below all of these" if floor < least / 10 else "so that the smallest of these may be rounding"
    )
    return f"Forward and reverse mode, which leave out nothing, differ by {_share(floor)}, {verdict}."


def _name(rule: str) -> str:
    """Name a rule in a sentence."""
    return "θ₃₃" if rule == "theta_33" else rule


def _share(value: float) -> str:
    """Write a share as a percentage, or as a multiple where it is large."""
    if value >= 10:
        return f"{value:.0f} times its size"
    return f"{100 * value:.0f} %" if value >= 0.095 else f"{100 * value:.2g} %"


def _list(parts: list[str]) -> str:
    """Join parts by commas and 'and'."""
    return ", ".join(parts[:-1]) + (" and " if len(parts) > 1 else "") + parts[-1]
