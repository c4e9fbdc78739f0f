"""What trained networks do beyond what they were trained on, summed up over the networks of each rule at each level.

Behavioural degeneracy is the standard deviation over networks of the error out of distribution, after Huang et al. (2025,
arXiv 2410.03972): networks that are equally good at what they were trained on may differ elsewhere.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from threefactor.analysis.solutions.bootstrap import interval, weighted_deviation
from threefactor.analysis.solutions.trials_to_criterion import paired_ratio
from threefactor.analysis.table import RULE, Column, Table, stacked, with_interval

BEYOND = {
    "error_longer_delay": "noise-free error with the longer delay; empty for a task without a delay",
    "error_longer_trial": "noise-free error with all periods longer; empty where settings do not decide their length",
    "error_weaker_input": "noise-free error with inputs times generalise.weaker_input",
    "error_stronger_input": "noise-free error with inputs times generalise.stronger_input",
    "error_unseen_noise": "error with gaussian noise of standard deviation generalise.noise, which networks never met",
    "error_lesion": "noise-free error with generalise.lesion_fraction of the free units silent, mean over lesions",
}
"""Errors out of distribution: under conditions that are no part of training."""

ERRORS = {
    "error": "noise-free error on the task of training",
    "error_known_noise": "error with the perturbations of training",
    **BEYOND,
    "error_out_of_distribution": "mean of the errors "
    + ", ".join(name.removeprefix("error_") for name in BEYOND),
    "error_retained": "noise-free error on the first task after learning the next",
}
"""Columns of ``generalise/<learning_rule>/<batch>.csv`` that are summed up by their quartiles."""

QUARTILES = (
    ("", 0.5, "median over networks"),
    ("_low", 0.25, "first quartile"),
    ("_high", 0.75, "third quartile"),
)

GENERALISATION = Table(
    "a learning rule and level of noise-free error; the next task is learned from analyse.level alone",
    (
        RULE,
        Column("level", "", "level of noise-free error"),
        Column("networks", "networks", "networks that crossed the level"),
        *(
            Column(f"{name}{end}", "", f"{meaning}, {what}")
            for name, meaning in ERRORS.items()
            for end, _, what in QUARTILES
        ),
        *with_interval(
            "degeneracy",
            "",
            "behavioural degeneracy: standard deviation over networks of error_out_of_distribution",
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
    """Sum up the networks of each rule at each level.

    Parameters
    ----------
    networks : DataFrame
        The table of stage ``generalise``, of all batches, with column learning_rule.
    counts : ndarray
        Bootstrap counts of the initialisations by id, (d, ids).
    """
    groups = networks.groupby(["learning_rule", "level"], sort=False)
    rows = [{"learning_rule": rule, "level": level} | _row(part, counts) for (rule, level), part in groups]
    return stacked([pd.DataFrame(rows)], GENERALISATION)


def _row(part: pd.DataFrame, counts: NDArray[np.float64]) -> dict[str, object]:
    """Sum up the networks of one rule at one level."""
    known = part[part.error.notna()]
    quartiles = {f"{name}{end}": known[name].quantile(q) for name in ERRORS for end, q, _ in QUARTILES}
    found: dict[str, object] = {"networks": len(known), **quartiles, **_degeneracy(known, counts)}
    pair = known[["network", "next_trials", "naive_trials", "next_crossed", "naive_crossed"]].dropna()
    if len(pair):
        drawn = counts[:, pair.network.to_numpy(np.int64)]
        is_known = bool((pair.next_crossed.astype(bool) | pair.naive_crossed.astype(bool)).any())
        ratio = paired_ratio(pair.next_trials.to_numpy(float), pair.naive_trials.to_numpy(float), drawn)
        if is_known:  # else all networks count with all trials
            found |= dict(zip(("savings", "savings_low", "savings_high"), ratio, strict=True))
        found |= {f"{name}_reached": int(pair[f"{name}_crossed"].sum()) for name in ("next", "naive")}
    return found


def _degeneracy(known: pd.DataFrame, counts: NDArray[np.float64]) -> dict[str, float]:
    """Give the standard deviation over networks of the error out of distribution, with its interval.

    There is no interval of two networks: their one difference is all that a sample can hold.
    """
    values, drawn = (
        known.error_out_of_distribution.to_numpy(float),
        counts[:, known.network.to_numpy(np.int64)],
    )
    found = {"degeneracy": float(weighted_deviation(values, np.ones((1, len(known))))[0])}
    if len(known) <= 2:
        return found
    low, high = interval(weighted_deviation(values, drawn))
    return {**found, "degeneracy_low": low, "degeneracy_high": high}
