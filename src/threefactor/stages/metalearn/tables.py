"""The tables of one run of meta-learning (part of stage ``metalearn``)."""

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from threefactor.experiment.build import own_settings
from threefactor.metalearning import perturbation_fit as kicks
from threefactor.stages import hyperparameters
from threefactor.stages.outer import Problem

HELD_OUT = [
    *(
        "step",
        "trials",
        "held_out_trials",
        "networks",
        "failed",
        "smoothed_error_rate",
        "smoothed_error_rate_standard_error",
    ),
    *("change", "change_standard_error", "error", "restricted_mean", "reached", "kept"),
]


def theta_table(problem: Problem, start: Tensor, learned: Tensor) -> pd.DataFrame:
    """Return theta in both scalings, a row per term; with the rule's own settings of plasticity, if it has any.

    Parameters
    ----------
    problem
        The rule that was learned.
    start, learned
        Coordinates of theta, p.
    """
    columns = {
        "start": problem.raw(start),
        "theta": problem.raw(learned),
        "scale": problem.scale,
        "start_scaled": problem.scaled(start),
        "theta_scaled": problem.scaled(learned),
    }
    powers = {"k": [k for k, _ in problem.terms], "l": [l for _, l in problem.terms]}
    table = pd.DataFrame(powers | {name: value.double().cpu().numpy() for name, value in columns.items()})
    return table.assign(**own_settings(problem.wanted))


def history_table(problem: Problem, kept: dict[str, Tensor]) -> pd.DataFrame:
    """Return the outer loop, a row per step; theta is that before the step, trials are those of all networks."""
    steps = len(kept["objective"])
    finite = torch.where(kept["finite"], kept["objective"], torch.nan)
    count = kept["finite"].sum(1)
    mean = finite.nanmean(1)
    spread = ((finite - mean[:, None]) ** 2).nansum(1) / (count - 1).clamp_min(1)
    norm = torch.where(kept["finite"], kept["gradient"].norm(dim=2), torch.nan)
    iterates = kept["iterate"][:steps]
    sampled = [problem.trials(step) for step in range(steps + 1)]
    columns: dict[str, Tensor] = {
        "step": torch.arange(steps),
        "objective": mean,
        "objective_standard_error": (spread / count).sqrt(),
        "gradient_norm": kept["mean_gradient"].norm(dim=1),
        "median_norm": norm.nanmedian(1).values,
        "longest_norm": norm.nan_to_num(0).amax(1),
        "clipped": kept["clipped"],
        "dropped": kept["dropped"],
        "lifetime": torch.tensor([problem.lifetime(step) for step in range(steps)]),
        "trials": torch.tensor(sampled).diff(),
        "perturbation_r2": torch.tensor([kicks.share(problem.guess, problem.raw(w)) for w in iterates]),
    }
    for p, (k, l) in enumerate(problem.terms):
        columns[f"theta_scaled_{k}{l}"] = problem.scaled(iterates)[:, p]
        columns[f"gradient_{k}{l}"] = kept["mean_gradient"][:, p]
        columns[f"standard_error_{k}{l}"] = kept["standard_error"][:, p]
    own = pd.DataFrame({name: value.cpu().numpy() for name, value in columns.items()})
    return pd.concat([own, hyperparameters.history(problem.config, problem.wanted.learn, kept)], axis=1)


def held_out_table(problem: Problem, kept: dict[str, Tensor], best: int) -> pd.DataFrame:
    """Return the scores on networks held out, a row each; changes are paired network by network with the first score."""
    rows = []
    own = problem.config.metalearn
    for n, step in enumerate(kept.get("scored", torch.empty(0)).tolist()):
        soft, error, trials, reached = kept["score"][n].cpu().numpy()
        change = soft - kept["score"][0, 0].cpu().numpy()
        row = (step, problem.trials(step), (n + 1) * len(soft) * own.held_out_trials, len(soft))
        failed, mean = (
            int(np.isnan(error).sum()),
            float(np.nanmean(error)) if np.isfinite(error).any() else None,
        )
        measured = (failed, soft.mean(), _error(soft), change.mean(), _error(change), mean, trials.mean())
        rows.append((*row, *measured, int(reached.sum()), step == best))
    return pd.DataFrame(rows, columns=HELD_OUT)


def _error(values: np.ndarray) -> float:
    """Return the standard error of a mean; NaN of a single network."""
    return float(values.std(ddof=1) / len(values) ** 0.5) if len(values) > 1 else float("nan")
