"""A table of learning rules for readers: what each has access to, its constants, and how soon it gets to each level."""

from collections.abc import Hashable, Mapping
from typing import Any, NamedTuple

import pandas as pd


class RuleFacts(NamedTuple):
    """What is known of a learning rule before it runs."""

    label: str
    information: str  # what it has access to
    is_local: bool
    source: str
    constants: Mapping[str, float]  # that are tuned, by dotted key


def rules_table(facts: Mapping[str, RuleFacts], levels: pd.DataFrame, endings: pd.DataFrame) -> pd.DataFrame:
    """Return a row per learning rule.

    Parameters
    ----------
    facts : mapping of str to RuleFacts
        By rule.
    levels, endings : DataFrame
        ``levels.csv`` and ``endings.csv``.
    """
    error = dict(zip(endings.learning_rule, endings.error, strict=True))
    rows = []
    for rule, one in facts.items():
        own = levels[levels.learning_rule == rule].to_dict("records")
        reached = {f"trials to {row['level']:g}": _cell(row) for row in own}
        rows.append(
            {
                "learning rule": one.label,
                "has access to": one.information,
                "local": "yes" if one.is_local else "no",
                "source": one.source,
                "constants": ", ".join(f"{_last(key)} {value:.3g}" for key, value in one.constants.items()),
                **reached,
                "error at the end": f"{error[rule]:.3f}",
            }
        )
    return pd.DataFrame(rows)


def _cell(row: Mapping[Hashable, Any]) -> str:
    """Write the restricted mean with its interval, and how many networks got there."""
    mean, low, high = (row[f"restricted_mean{end}"] for end in ("", "_low", "_high"))
    interval = f" [{low:.0f}, {high:.0f}]" if low == low else ""
    return f"{mean:.0f}{interval}, {row['reached']} of {row['networks']}"


def _last(key: str) -> str:
    """Return the last part of a dotted key, in words."""
    return key.rpartition(".")[2].replace("_", " ")
