"""What tables and arrays of results hold: each column is declared once, with its unit and its meaning.

A stage lists its tables in ``stages/<stage>/tables.py``.  Whatever writes, checks, draws or documents a table reads it
there.
"""

from collections.abc import Sequence
from typing import NamedTuple

import pandas as pd


class Column(NamedTuple):
    """One column of a table."""

    name: str
    unit: str  # empty for none
    meaning: str
    finite: bool = False  # whether every row has a finite number: others may be empty, or texts


class Table(NamedTuple):
    """One table."""

    row: str  # what a row is
    columns: tuple[Column, ...]
    optional: tuple[Column, ...] = ()  # columns that only some of such tables have
    least: int = 0  # rows

    def names(self) -> list[str]:
        """Return the names of the columns, in order."""
        return [column.name for column in self.columns]


class Array(NamedTuple):
    """One named array of a file of arrays."""

    name: str
    axes: (
        str  # one letter each, in order: b network, y trial type, t time, …; those of a letter have one size
    )
    unit: str  # empty for none
    meaning: str
    finite: bool = False  # whether all its numbers are
    optional: bool = False  # whether only some of such files have it


RULE = Column("learning_rule", "", "learning rule that trained the network")

NETWORK = Column("network", "", "number of the network; equal numbers are equal initial weights", finite=True)

LEVEL = Column("level", "", "level of the noise-free error, of retrain.levels", finite=True)

KEYS = (RULE.name, NETWORK.name)
"""What tells one trained network from another."""


def stacked(parts: Sequence[pd.DataFrame], table: Table) -> pd.DataFrame:
    """Stack parts of a table; a column that no part has stays empty, and so does a table without parts."""
    filled = [part for part in parts if len(part)]
    whole = pd.concat(filled, ignore_index=True) if filled else pd.DataFrame()
    return whole.reindex(columns=table.names())


def with_interval(
    name: str, unit: str, meaning: str, how: str = "bootstrap over networks"
) -> tuple[Column, ...]:
    """Return a column and the two of its 95 % interval, ``<name>_low`` and ``<name>_high``."""
    return (
        Column(name, unit, meaning),
        Column(f"{name}_low", unit, f"lower end of its 95 % interval, {how}"),
        Column(f"{name}_high", unit, "upper end of its 95 % interval"),
    )
