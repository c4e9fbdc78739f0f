"""When the attractors of a network change along learning."""

import pandas as pd

from threefactor.analysis.table import NETWORK, RULE, Column, Table

CLASS_CHANGES = Table(
    "a change between two points of learning of a network under a constant input",
    (
        *(RULE, NETWORK),
        Column("condition", "", "constant input"),
        Column("before", "trials", "trials of learning at the last point before the change"),
        Column("trials", "trials", "trials of learning at the first point after it"),
        Column("from", "", "class of the attractor that most starts ended on before"),
        Column("to", "", "the same after"),
        Column("attractors_before", "attractors", "number of attractors before"),
        Column("attractors", "attractors", "number after"),
    ),
)
"""Columns of ``class_changes.csv``."""


def class_changes(table: pd.DataFrame) -> pd.DataFrame:
    """List when the class of the main attractor, or the number of attractors, changes.

    The main attractor is the one that most starts end on, the first of the table.

    Parameters
    ----------
    table : DataFrame
        Rows of `attractor_table.ATTRACTORS` at several points of learning of the same networks, with a column ``trials``;
        a census takes all points of learning in one batch.

    Returns
    -------
    DataFrame
        `CLASS_CHANGES` but for the rule, by network, condition and trials.
    """
    keys = ["network", "condition"]
    at = table.sort_values("index", kind="stable").groupby([*keys, "trials"], sort=True)
    points = pd.DataFrame({"to": at["class"].first(), "attractors": at.size()}).reset_index()
    last = points.groupby(keys)[["trials", "to", "attractors"]].shift()
    points[["before", "from", "attractors_before"]] = last
    differs = (points["from"] != points.to) | (points.attractors_before != points.attractors)
    changes = points[differs & points.before.notna()]
    names = [name for name in CLASS_CHANGES.names() if name != RULE.name]
    return changes[names].astype({"before": int, "attractors_before": int}).reset_index(drop=True)
