"""What the meta-gradient loses by what is left out of it (``ablation/ablation.csv``)."""

import pandas as pd

TERMS = ("reward", "baseline", "gate", "clip", "indirect", "state")
"""Ablations of terms, in the order of the equation for the weight tangent."""

POOLS = ("median", "clipped")
"""Ways to pool networks that are shown: the median network, and the mean of gradients clipped at the median norm."""

ROUNDING = "rounding"
"""The ablation that leaves out nothing, but differentiates in reverse mode."""

FAR = 10.0
"""Errors so many times smaller than others are far below them."""


def by_term(table: pd.DataFrame) -> pd.DataFrame:
    """Keep, of ablation.csv, the pooled rows of ablated terms, at every horizon."""
    return table[table.over.isin(POOLS) & table.ablation.isin(TERMS)].reset_index(drop=True)


def by_window(table: pd.DataFrame) -> pd.DataFrame:
    """Keep the pooled rows of truncations at the last horizon, where a reward cannot see all updates anyway."""
    last = table[table.over.isin(POOLS) & (table.horizon == table.horizon.max()) & table.window.notna()]
    return last.sort_values(["learning_rule", "over", "window"], ignore_index=True)


def at_last_horizon(table: pd.DataFrame, rule: str, pool: str) -> pd.DataFrame:
    """Return the rows of a rule and a pool at the last horizon, by ablation.

    Parameters
    ----------
    table : DataFrame
        ablation.csv.
    rule : str
        A learning rule.
    pool : str
        One of `POOLS`.
    """
    last = table[(table.horizon == table.horizon.max()) & (table.over == pool)]
    return last[last.learning_rule == rule].set_index("ablation")


def terms_of(rows: pd.DataFrame) -> pd.DataFrame:
    """Keep, of `at_last_horizon`, the ablated terms with a known error, in their order."""
    return rows.reindex(list(TERMS)).dropna(subset=["error"])


def windows_of(rows: pd.DataFrame) -> pd.DataFrame:
    """Keep, of `at_last_horizon`, the truncations with a known error, the shortest window first."""
    return rows[rows.window.notna()].dropna(subset=["error"]).sort_values("window")


def rounding(table: pd.DataFrame) -> tuple[float, bool]:
    """Return the largest difference of forward and reverse mode, and whether it is far below all errors.

    Both are of the median network at the last horizon.
    """
    median = table[(table.horizon == table.horizon.max()) & (table.over == "median")]
    floor = float(median[median.ablation == ROUNDING].error.max())
    least = float(median[median.ablation.isin(TERMS) & (median.error > 0)].error.min())
    return floor, floor < least / FAR
