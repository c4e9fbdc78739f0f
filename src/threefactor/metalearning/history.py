"""What the outer loop of meta-learning went through, and its columns as a table shows them."""

from collections.abc import Mapping
from typing import NamedTuple

import torch
from torch import Tensor

from threefactor.metalearning import coordinates
from threefactor.metalearning.coordinates import CoordinateSystem


class History(NamedTuple):
    """What the outer loop went through: n steps, and u scores on m held-out networks."""

    theta: Tensor  # n+1 p, coordinates before the first step and after each
    free: Tensor  # n+1 s, free coordinates of the hyperparameters
    gradient: Tensor  # n b p, with respect to the coordinates of theta
    objective: Tensor  # n b
    finite: Tensor  # n b, bool
    mean_gradient: Tensor  # n p, over networks
    standard_error: Tensor  # n p
    clipped: Tensor  # n, networks whose gradient was clipped at the median norm
    dropped: Tensor  # n, networks without a finite gradient
    free_gradient: Tensor  # n s, over networks
    free_standard_error: Tensor  # n s
    scored: Tensor  # u, steps done when scored
    score: Tensor  # u 4 m, float64: the fields of `threefactor.metalearning.held_out.Score`


def append(history: History, row: Mapping[str, Tensor]) -> History:
    """Return the history with a row more in some of its fields."""
    grown = {}
    for name, value in row.items():
        before = getattr(history, name)
        grown[name] = torch.cat([before, value[None]]) if len(before) else value[None]
    return history._replace(**grown)


def columns(system: CoordinateSystem, history: History) -> dict[str, Tensor]:
    """Return a row per step, by name of the column; theta is that before the step.

    Parameters
    ----------
    system
        How theta is written.
    history
        At least one step of it; without a step there are no columns.
    """
    steps = len(history.objective)
    if steps == 0:
        return {}
    finite = torch.where(history.finite, history.objective, torch.nan)
    count = history.finite.sum(1)
    mean = finite.nanmean(1)
    spread = ((finite - mean[:, None]) ** 2).nansum(1) / (count - 1).clamp_min(1)
    norm = torch.where(history.finite, history.gradient.norm(dim=2), torch.nan)
    found = {
        "objective": mean,
        "objective_standard_error": (spread / count).sqrt(),
        "gradient_norm": history.mean_gradient.norm(dim=1),
        "median_norm": norm.nanmedian(1).values,
        "longest_norm": norm.nan_to_num(0).amax(1),
        "clipped": history.clipped,
        "dropped": history.dropped,
    }
    scaled = coordinates.scaled(system, history.theta[:steps])
    for p, (k, l) in enumerate(system.terms):
        found[f"theta_scaled_{k}{l}"] = scaled[:, p]
        found[f"gradient_{k}{l}"] = history.mean_gradient[:, p]
        found[f"standard_error_{k}{l}"] = history.standard_error[:, p]
    return found
