"""What trained networks do beyond what they were trained on, summed up over the networks of each rule."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from threefactor.analysis.solutions.trials_to_criterion import paired_ratio
from threefactor.analysis.table import RULE, Column, Table, stacked

ERRORS = {
    "error": "noise-free error",
    "error_longer_delay": "noise-free error with the longer delay",
    "error_known_noise": "error with the perturbations of training",
    "error_unseen_noise": "error with noise that networks never met",
    "error_retained": "noise-free error on the first task after learning the next",
}
"""Columns of ``generalise/<learning_rule>/<batch>.csv`` that are summed up by their quartiles."""

QUARTILES = (
    ("", 0.5, "median over networks"),
    ("_low", 0.25, "first quartile"),
    ("_high", 0.75, "third quartile"),
)

GENERALISATION = Table(
    "a learning rule; networks that crossed the level analyse.level",
    (
        RULE,
        Column("networks", "networks", "networks that crossed the level"),
        *(
            Column(f"{name}{end}", "", f"{meaning}, {what}")
            for name, meaning in ERRORS.items()
            for end, _, what in QUARTILES
        ),
        Column("next_reached", "networks", "networks that crossed the level on the next task"),
        Column("naive_reached", "networks", "the same networks before any learning that crossed it"),
        Column(
            "savings",
            "",
            "mean trials to the level on the next task, by that of the networks before any learning",
        ),
        Column("savings_low", "", "lower end of its 95 % interval, paired bootstrap over networks"),
        Column("savings_high", "", "upper end of its 95 % interval"),
    ),
)
"""Columns of ``generalisation.csv``."""


def generalisation_table(networks: pd.DataFrame, counts: NDArray[np.float64]) -> pd.DataFrame:
    """Sum up the networks of each rule.

    Parameters
    ----------
    networks : DataFrame
        The table of stage ``generalise``, of all batches, with column learning_rule.
    counts : ndarray
        Bootstrap counts of the initialisations by id, (d, ids).
    """
    rows = [_row(str(rule), part, counts) for rule, part in networks.groupby("learning_rule", sort=False)]
    return stacked([pd.DataFrame(rows)], GENERALISATION)


def _row(rule: str, part: pd.DataFrame, counts: NDArray[np.float64]) -> dict[str, object]:
    """Sum up the networks of one rule."""
    known = part[part.error.notna()]
    quartiles = {f"{name}{end}": known[name].quantile(q) for name in ERRORS for end, q, _ in QUARTILES}
    found: dict[str, object] = {"learning_rule": rule, "networks": len(known), **quartiles}
    pair = known[["network", "next_trials", "naive_trials", "next_crossed", "naive_crossed"]].dropna()
    if len(pair):
        drawn = counts[:, pair.network.to_numpy(np.int64)]
        ratio = paired_ratio(pair.next_trials.to_numpy(float), pair.naive_trials.to_numpy(float), drawn)
        found |= dict(zip(("savings", "savings_low", "savings_high"), ratio, strict=True))
        found |= {f"{name}_reached": int(pair[f"{name}_crossed"].sum()) for name in ("next", "naive")}
    return found
