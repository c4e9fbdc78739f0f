"""The tables of one run of meta-learning."""

import numpy as np
import pandas as pd
import torch

from threefactor.experiment import learning_runs
from threefactor.experiment.build_problem import Measured
from threefactor.experiment.hyperparameters import IN_CORE, core_values, setting_values
from threefactor.experiment.learned_rules import settings_of
from threefactor.experiment.learning_runs import Share, Source
from threefactor.experiment.view import value_at
from threefactor.metalearning import coordinates, history, hyperparameters, perturbation_fit
from threefactor.metalearning.history import History
from threefactor.metalearning.problem import Problem
from threefactor.metalearning.search import Search, Solution

CONDITIONS = ["held_out", "step", "condition", "networks", "key", "value"]

HELD_OUT = [
    *("step", "trials", "held_out_trials", "networks", "failed"),
    *("smoothed_error_rate", "smoothed_error_rate_standard_error", "change", "change_standard_error"),
    *("error", "restricted_mean", "reached", "kept"),
]


def theta_table(source: Source, problem: Problem, begun: Search, best: Solution) -> pd.DataFrame:
    """Return theta in both scalings, a row per term; with its own settings of plasticity, as learned."""
    system, start = problem.system, begun.theta.coordinates
    columns = {
        "start": coordinates.theta(system, start),
        "theta": coordinates.theta(system, best.theta),
        "scale": system.scale,
        "start_scaled": coordinates.scaled(system, start),
        "theta_scaled": coordinates.scaled(system, best.theta),
    }
    powers = {"k": [k for k, _ in system.terms], "l": [l for _, l in system.terms]}
    table = pd.DataFrame(powers | {name: value.double().cpu().numpy() for name, value in columns.items()})
    own = {f"plasticity.{name}": name for name in settings_of(source.rule)}
    learned = {own[key]: value for key, value in _learned(source, problem, best).items() if key in own}
    return table.assign(**settings_of(source.rule) | learned)


def hyperparameters_table(source: Source, problem: Problem, best: Solution) -> pd.DataFrame:
    """Return a row per hyperparameter that was meta-learned: key of the setting, start, value, unit."""
    rows = [
        (key, float(value_at(source.settings, key)), value, IN_CORE[key].unit)
        for key, value in _learned(source, problem, best).items()
    ]
    return pd.DataFrame(rows, columns=["name", "start", "value", "unit"])


def _learned(source: Source, problem: Problem, best: Solution) -> dict[str, float]:
    """Return the learned values of hyperparameters, by key of the setting."""
    values = hyperparameters.values(problem.hyperparameters, best.free)
    return setting_values(source.settings, source.hyperparameters, values)


def history_table(source: Source, measured: Measured, kept: History) -> pd.DataFrame:
    """Return the outer loop, a row per step; theta is that before the step, trials are those of all networks."""
    steps = len(kept.objective)
    thetas = [coordinates.theta(measured.system, one) for one in kept.theta[:steps]]
    r2 = torch.tensor([perturbation_fit.r2(measured.moments, theta) for theta in thetas])
    trials = source.schedule[:steps]
    counted = {
        "step": range(steps),
        "trials_per_network": trials,
        "trials": [source.learning_runs * count for count in trials],
        "perturbation_r2": r2.numpy(),
    }
    columns = {name: column.cpu().numpy() for name, column in history.columns(measured.system, kept).items()}
    return pd.concat(
        [pd.DataFrame(counted), pd.DataFrame(columns), _hyperparameter_columns(source, kept)], axis=1
    )


def _hyperparameter_columns(source: Source, kept: History) -> pd.DataFrame:
    """Return a row per step: each hyperparameter before it, and the gradient along its free coordinate."""
    keys = source.hyperparameters
    start = core_values(source.settings, keys)
    values = [
        setting_values(source.settings, keys, hyperparameters.values(start, free)) for free in kept.free
    ]
    columns: dict[str, list[float]] = {}
    for s, key in enumerate(keys):
        columns[f"value_{key}"] = [value[key] for value in values[: len(kept.objective)]]
        columns[f"slope_{key}"] = kept.free_gradient[:, s].tolist()
        columns[f"slope_standard_error_{key}"] = kept.free_standard_error[:, s].tolist()
    return pd.DataFrame(columns)


def held_out_table(source: Source, kept: History, best: Solution) -> pd.DataFrame:
    """Return the scores on held-out networks, a row each; changes are paired network by network with the first score."""
    rows = []
    for n, step in enumerate(kept.scored.tolist()):
        smoothed, error, trials, reached = kept.score[n].cpu().numpy()
        change = smoothed - kept.score[0, 0].cpu().numpy()
        of_held_out = (n + 1) * len(smoothed) * source.settings.metalearn.held_out_trials
        row = (step, source.learning_runs * sum(source.schedule[:step]), of_held_out, len(smoothed))
        mean = float(np.nanmean(error)) if np.isfinite(error).any() else None
        measured = (
            int(np.isnan(error).sum()),
            smoothed.mean(),
            _error(smoothed),
            change.mean(),
            _error(change),
        )
        rows.append((*row, *measured, mean, trials.mean(), int(reached.sum()), step == best.step))
    return pd.DataFrame(rows, columns=HELD_OUT)


def conditions_table(source: Source, kept: History) -> pd.DataFrame:
    """Return the drawn conditions, a row per key of each: those of the steps, then those of held-out networks."""
    drawn: list[tuple[bool, int | None, Share]] = [
        (False, n, share) for n in range(len(kept.objective)) for share in learning_runs.of_step(source, n)
    ]
    if len(kept.scored):
        count = source.settings.metalearn.held_out_networks
        drawn += [(True, None, share) for share in learning_runs.of_held_out(source, count)]
    rows = [
        (held_out, step, share.place[-1], len(share.ids), key, str(value))
        for held_out, step, share in drawn
        for key, value in share.values.items()
    ]
    return pd.DataFrame(rows, columns=CONDITIONS).astype({"step": "Int64"})


def _error(values: np.ndarray) -> float:
    """Return the standard error of a mean; NaN of a single network."""
    return float(values.std(ddof=1) / len(values) ** 0.5) if len(values) > 1 else float("nan")
