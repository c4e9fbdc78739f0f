"""The headline figures of an experiment (``summary.json``), gathered from the results of all stages.

Intervals ``low`` and ``high`` are of 95 %; what could not be estimated is null; keys under ``<rule>`` are
learning rules.

networks
    retrained networks of all rules, count; horizon_trials: trials after which a network has failed
learning.<rule>
    networks (count) · reached_fraction, reached_low, reached_high (fraction at criterion within the
    horizon, Wilson) · restricted_mean_trials, …_low, …_high (mean trials to criterion up to the horizon,
    bootstrap) · ratio_to_theta_33, ratio_low, ratio_high (of restricted means, paired over networks) ·
    median_trials (Kaplan–Meier) · accuracy (fraction correct at criterion)
meta_learning.<rule>
    steps (of θ) · trials (simulated) · objective_first, objective_last (mean reward per trial at the first
    and last step) · largest_z_score (largest |gradient| in its own standard errors, all steps and
    coefficients) · theta.<kl> (raw coefficient) · theta_scaled.<kl> (coefficient of the scaled monomial)
tangents.<precision>.<method>
    reward_tangent, cumulated_reward_tangent, weight_tangent: largest relative error over rules, networks and
    trials (null where a derivative was not finite); for differences that of the best step size
alignment.<rule>
    networks (count) · cosine (of the rule's own expected update with minus the gradient of the loss, mean of
    training, sampling noise included) · signal (share of the squared update that is not sampling noise) ·
    cosine_corrected, corrected_low, corrected_high (of endless draws, jackknife over networks)
spread.<distance>.<rule>
    networks (count) · estimate, low, high (mean distance of two networks of the rule, radians) ·
    ratio_to_bptt, ratio_low, ratio_high (paired)
solution_classes.<distance>.<test>.<factor>
    statistic (pseudo-F, or accuracy of the classification) · effect (R², or accuracy minus chance) · p
    (permutation)
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from threefactor.analysis.gradients import alignment

Tree = dict[str, object]

LEARNING = {
    "networks": "networks",
    **{name: name for name in ("reached_fraction", "reached_low", "reached_high")},
    "restricted_mean": "restricted_mean_trials",
    "restricted_mean_low": "restricted_mean_trials_low",
    "restricted_mean_high": "restricted_mean_trials_high",
    **{name: name for name in ("ratio_to_theta_33", "ratio_low", "ratio_high")},
    "median": "median_trials",
    "accuracy": "accuracy",
}
ALIGNMENT = {
    "networks": "networks",
    "uncorrected": "cosine",
    "signal": "signal",
    "noise_corrected": "cosine_corrected",
    "low": "corrected_low",
    "high": "corrected_high",
}
SPREAD = ("networks", "estimate", "low", "high", "ratio_to_bptt", "ratio_low", "ratio_high")
DISTANCES = ("cka", "procrustes")


def headline(
    criterion: pd.DataFrame,
    thetas: Mapping[str, pd.DataFrame],
    histories: Mapping[str, pd.DataFrame],
    accuracy: pd.DataFrame,
    aligned: pd.DataFrame,
    spread: pd.DataFrame,
    permanova: pd.DataFrame,
) -> Tree:
    """Gather the headline figures; the keys are in the module's docstring.

    Parameters
    ----------
    criterion, accuracy, spread, permanova : DataFrame
        criterion.csv, accuracy.csv, spread.csv and permanova.csv.
    thetas, histories : mapping of str to DataFrame
        theta.csv and history.csv of each learned rule.
    aligned : DataFrame
        The tables of alignment of all rules, with column learning_rule.
    """
    return {
        "networks": int(criterion.networks.sum()),
        "horizon_trials": int(criterion.horizon.max()),
        "learning": _by_rule(criterion.rename(columns=LEARNING), list(LEARNING.values())),
        "meta_learning": {rule: _learned(histories[rule], thetas[rule]) for rule in histories},
        "tangents": _tangents(accuracy),
        "alignment": _by_rule(
            alignment.per_rule(aligned).rename(columns=ALIGNMENT), list(ALIGNMENT.values())
        ),
        "spread": {name: _by_rule(spread[spread.quantity == name], list(SPREAD)) for name in DISTANCES},
        "solution_classes": {name: _tests(permanova[permanova.distance == name]) for name in DISTANCES},
    }


def _by_rule(table: pd.DataFrame, columns: list[str]) -> Tree:
    """Turn a table with a row per rule into nested figures."""
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
        values = {name: _plain(row[name]) for name in ("statistic", "effect", "p")}
        found.setdefault(str(row.test), {})[str(row.factor)] = values
    return dict(found)


def _plain(value: object) -> float | int | None:
    """Turn a cell into a number of JSON."""
    number = float(value)  # type: ignore[arg-type]
    if not np.isfinite(number):
        return None
    return int(number) if isinstance(value, int | np.integer) else number
