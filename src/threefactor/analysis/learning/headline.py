"""The headline numbers of an experiment (``summary.json``), gathered from the results of all stages.

`keys` explains every number.  What could not be estimated is null.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from threefactor.analysis.gradients import alignment
from threefactor.analysis.learning.endings import ENDINGS
from threefactor.analysis.solutions.comparison_columns import CRITERION, LEVELS, SPREAD
from threefactor.analysis.solutions.comparison_columns import TESTS as COMPARED
from threefactor.analysis.solutions.distances import NAMES as DISTANCES
from threefactor.analysis.table import Column, Table

Tree = dict[str, object]

_SAME = ("networks", "reached_fraction", "reached_low", "reached_high")

_RATIO = ("ratio_to_theta_33", "ratio_low", "ratio_high")

LEARNING = {
    **{name: name for name in _SAME},
    "restricted_mean": "restricted_mean_trials",
    "restricted_mean_low": "restricted_mean_trials_low",
    "restricted_mean_high": "restricted_mean_trials_high",
    **{name: name for name in _RATIO},
    "median": "median_trials",
    "accuracy": "accuracy",
}
"""Columns of criterion.csv, and what they are called here."""

LEVEL = {name: key for name, key in LEARNING.items() if name != "accuracy"} | {
    "error": "error",
    "lost_fraction": "lost_fraction",
}
"""Columns of levels.csv, and what they are called here."""

ENDING = ("trials", "error", "error_low", "error_high", "best_error", "accuracy", "diverged", "change_rank")
"""Columns of endings.csv."""

SPREADS = ("networks", "estimate", "low", "high", "ratio_to_bptt", "ratio_low", "ratio_high")
"""Columns of spread.csv."""

TESTS = ("statistic", "effect", "p")
"""Columns of tests.csv."""

ALIGNMENT = {
    "networks": "networks",
    "uncorrected": "cosine",
    "signal": "signal",
    "noise_corrected": "noise_corrected",
    "low": "noise_corrected_low",
    "high": "noise_corrected_high",
}
"""Columns of `alignment.per_rule`, and what they are called here."""

OWN = (
    Column("networks", "networks", "retrained networks of all learning rules"),
    Column("horizon_trials", "trials", "trials after which a network has failed to reach the criterion"),
    Column("meta_learning.<rule>.steps", "steps", "steps of θ"),
    Column("meta_learning.<rule>.trials", "trials", "trials that were simulated"),
    Column("meta_learning.<rule>.objective_first", "", "mean reward of a trial at the first step"),
    Column("meta_learning.<rule>.objective_last", "", "mean reward of a trial at the last step"),
    Column("meta_learning.<rule>.largest_z_score", "", "largest |gradient| in its own standard errors"),
    Column("meta_learning.<rule>.theta.<kl>", "", "coefficient θ of the term of powers k and l"),
    Column("meta_learning.<rule>.theta_scaled.<kl>", "", "coefficient of the scaled term"),
    Column(
        "tangents.<precision>.<method>.<quantity>",
        "",
        "largest relative error over rules, networks and trials; for differences that of the best step size",
    ),
    Column("alignment.<rule>.networks", "networks", "networks whose updates were compared with the gradient"),
    Column("alignment.<rule>.cosine", "", "cosine of the expected update with −dL/dW, mean over training"),
    Column("alignment.<rule>.signal", "fraction", "share of the squared update that is not sampling noise"),
    Column("alignment.<rule>.noise_corrected", "", "noise-corrected cosine (infinite samples)"),
    Column(
        "alignment.<rule>.noise_corrected_low", "", "lower end of its 95 % interval, jackknife over networks"
    ),
    Column("alignment.<rule>.noise_corrected_high", "", "upper end of its 95 % interval"),
)
"""Keys that are no columns of a table."""


def keys() -> list[Column]:
    """Explain every key of ``summary.json``; dots stand between the levels, <…> for each of several names."""
    return [
        *OWN,
        *_keys("learning.<rule>", CRITERION, LEARNING),
        *_keys("levels.<level>.<rule>", LEVELS, LEVEL),
        *_keys("endings.<rule>", ENDINGS, dict(zip(ENDING, ENDING, strict=True))),
        *_keys("spread.<distance>.<rule>", SPREAD, dict(zip(SPREADS, SPREADS, strict=True))),
        *_keys("solution_classes.<distance>.<test>.<factor>", COMPARED, dict(zip(TESTS, TESTS, strict=True))),
    ]


def _keys(above: str, table: Table, names: Mapping[str, str]) -> list[Column]:
    """Explain keys that are columns of a table, by the column's name."""
    return [
        column._replace(name=f"{above}.{names[column.name]}")
        for column in table.columns
        if column.name in names
    ]


def headline(
    criterion: pd.DataFrame,
    levels: pd.DataFrame,
    endings: pd.DataFrame,
    thetas: Mapping[str, pd.DataFrame],
    histories: Mapping[str, pd.DataFrame],
    accuracy: pd.DataFrame,
    aligned: pd.DataFrame,
    spread: pd.DataFrame,
    tests: pd.DataFrame,
) -> Tree:
    """Gather the headline numbers; `keys` explains them.

    Parameters
    ----------
    criterion, levels, endings, accuracy, spread, tests : DataFrame
        The tables of these names.
    thetas, histories : mapping of str to DataFrame
        theta.csv and history.csv of each learned rule.
    aligned : DataFrame
        The tables of alignment of all rules, with column learning_rule.
    """
    return {
        "networks": int(criterion.networks.sum()),
        "horizon_trials": int(criterion.horizon.max()),
        "learning": _by_rule(criterion.rename(columns=LEARNING), list(LEARNING.values())),
        "levels": {
            f"{level:g}": _by_rule(part.rename(columns=LEVEL), list(LEVEL.values()))
            for level, part in levels.groupby("level", sort=False)
        },
        "endings": _by_rule(endings, list(ENDING)),
        "meta_learning": {rule: _learned(histories[rule], thetas[rule]) for rule in histories},
        "tangents": _tangents(accuracy),
        "alignment": _by_rule(
            alignment.per_rule(aligned).rename(columns=ALIGNMENT), list(ALIGNMENT.values())
        ),
        "spread": {name: _by_rule(spread[spread.quantity == name], list(SPREADS)) for name in DISTANCES},
        "solution_classes": {str(name): _tests(part) for name, part in tests.groupby("distance", sort=False)},
    }


def _by_rule(table: pd.DataFrame, columns: list[str]) -> Tree:
    """Turn a table with a row per rule into nested numbers."""
    rows = table[["learning_rule", *columns]].to_dict("records")
    return {
        str(row.pop("learning_rule")): {name: _plain(value) for name, value in row.items()} for row in rows
    }


def _learned(history: pd.DataFrame, theta: pd.DataFrame) -> Tree:
    """Sum up one run of meta-learning."""
    names = [f"{pre}{post}" for pre, post in zip(theta.k, theta.l, strict=True)]
    found: Tree = {"steps": len(history), "trials": int(history.trials.sum())}
    if len(history):
        found |= {
            "objective_first": _plain(history.objective.iloc[0]),
            "objective_last": _plain(history.objective.iloc[-1]),
        }
    found["largest_z_score"] = _largest_z(history)
    for column in ("theta", "theta_scaled"):
        found[column] = dict(zip(names, map(_plain, theta[column]), strict=True))
    return found


def _largest_z(history: pd.DataFrame) -> float | None:
    """Give the largest gradient in its own standard errors."""
    marked = [str(name) for name in history.columns]
    names = [name.removeprefix("standard_error_") for name in marked if name.startswith("standard_error_")]
    scores = [history[f"gradient_{n}"] / history[f"standard_error_{n}"].replace(0, np.nan) for n in names]
    finite = [float(score.abs().max()) for score in scores if score.notna().any()]
    return max(finite, default=None)


def _tangents(accuracy: pd.DataFrame) -> Tree:
    """Give the largest error of each comparison over rules, networks and trials, at its best step size."""
    keys = ["precision", "method", "quantity"]
    worst = accuracy.groupby([*keys, "step_size"], dropna=False).relative_error.max()
    best = worst.groupby(level=keys).min().reset_index()
    found: dict[str, dict[str, Tree]] = {}
    for row in best.to_dict("records"):
        of_method = found.setdefault(str(row["precision"]), {}).setdefault(str(row["method"]), {})
        of_method[str(row["quantity"])] = _plain(row["relative_error"])
    return dict(found)


def _tests(table: pd.DataFrame) -> Tree:
    """Nest the tests of one distance."""
    found: dict[str, Tree] = {}
    for _, row in table.iterrows():
        values = {name: _plain(row[name]) for name in TESTS}
        found.setdefault(str(row.test), {})[str(row.factor)] = values
    return dict(found)


def _plain(value: object) -> float | int | None:
    """Turn a cell into a number of JSON."""
    number = float(value)  # type: ignore[arg-type]
    if not np.isfinite(number):
        return None
    return int(number) if isinstance(value, int | np.integer) else number
