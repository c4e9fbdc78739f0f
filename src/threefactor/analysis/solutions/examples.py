"""The level of error that is shown, and networks that stand for all of their learning rule where one is."""

import pandas as pd


def at_level(table: pd.DataFrame, level: float) -> pd.DataFrame:
    """Return the rows of a table at one level of noise-free error; a table without any row has no levels."""
    return table[table.level == level] if len(table) else table


def examples(analysed: pd.DataFrame) -> dict[str, int]:
    """Choose a network of every rule: if possible the same, whose fixed points are known, after long training.

    Parameters
    ----------
    analysed : DataFrame
        Rows of the analysed networks at one level, of ``analyse/<learning_rule>/<batch>.csv``.

    Returns
    -------
    dict of int
        Number of the network, by learning rule.
    """
    known = analysed.assign(known=analysed.stable_fixed_points.notna())
    preferred = known.groupby("network").agg({"known": "sum", "learning_rule": "size", "trials": "min"})
    order = preferred.sort_values(list(preferred.columns), ascending=False, kind="stable").index.tolist()
    return {
        str(rule): int(min(part.network, key=order.index))
        for rule, part in analysed.groupby("learning_rule", sort=False)
    }
