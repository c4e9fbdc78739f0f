"""The table of rules, with estimates and intervals in one cell."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from threefactor.analysis.transfer.condition_columns import TO_TUNED

CELLS = {
    "at criterion": ("{} [{}, {}]", "{:.0%}", ("reached_fraction", "reached_low", "reached_high")),
    "restricted mean trials": (
        *("{} [{}, {}]", "{:.0f}"),
        ("restricted_mean", "restricted_mean_low", "restricted_mean_high"),
    ),
    "median (quartiles)": ("{} ({}, {})", "{:.0f}", ("median", "iqr_low", "iqr_high")),
    "ratio to theta_33": ("{} [{}, {}]", "{:.2f}", ("ratio_to_theta_33", "ratio_low", "ratio_high")),
    "log-rank p": ("{}", "{:.2g}", ("logrank_p",)),
    "gap closed": ("{} [{}, {}]", "{:.0%}", ("gap_closed", "gap_closed_low", "gap_closed_high")),
    "ratio to untuned theta_33": (
        "{} [{}, {}]",
        "{:.2f}",
        ("ratio_to_untuned", "untuned_low", "untuned_high"),
    ),
    "ratio to tuned theta_33": ("{} [{}, {}]", "{:.2f}", tuple(TO_TUNED)),
    "accuracy": ("{}", "{:.2f}", ("accuracy",)),
}
"""Columns: how an estimate and its interval or quartiles stand in a cell, how each is written, and which they are."""

COUNTS = ("networks", "diverged", "trials")


def readable(rules: pd.DataFrame) -> pd.DataFrame:
    """Write estimates with their intervals, a row per condition and rule, from `speed.rules_table`."""
    table = rules[["condition", "learning_rule", *COUNTS]].replace({"condition": "_"}, " ", regex=True)
    for name, (cell, number, columns) in CELLS.items():
        if not set(columns) <= set(rules):
            continue
        table[name] = [_cell(cell, number, values) for values in rules[list(columns)].to_numpy(float)]
    return table.rename(columns={"learning_rule": "learning rule", "trials": "trials simulated"})


def _cell(cell: str, number: str, values: NDArray[np.float64]) -> str:
    """Write a value with what belongs to it; a dash for what is unknown."""
    words = [number.format(value) if np.isfinite(value) else "–" for value in values]
    return cell.format(*words) if np.isfinite(values[1:]).any() else words[0]
