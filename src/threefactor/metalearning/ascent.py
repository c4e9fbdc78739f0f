"""One step of the outer loop: averaging over networks that is robust, Adam on coordinates, a fixed norm.

The mean reward is a sound objective for the direction of theta, not for its overall scale (it drives the scale away):
so the norm of theta's coordinates is held.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from threefactor.contract import MetaGradient

FIRST_DECAY, SECOND_DECAY, FLOOR = 0.8, 0.95, 1e-8


class Ascent(NamedTuple):
    """Where an ascent stands: of theta, or of hyperparameters."""

    coordinates: Tensor  # p
    first: Tensor  # p, Adam's first moment
    second: Tensor  # p, Adam's second moment
    step: int


class Average(NamedTuple):
    """A meta-gradient averaged over networks."""

    gradient: Tensor  # p
    standard_error: Tensor  # p
    clipped: int  # networks whose gradient was clipped at the median norm
    dropped: int  # networks without a finite gradient


def start_ascent(coordinates: Tensor, norm: float) -> Ascent:
    """Return the ascent before its first step, from coordinates (p) brought to the norm."""
    nothing = torch.zeros_like(coordinates)
    return Ascent(hold_norm(coordinates, norm), nothing, nothing.clone(), 0)


def average(estimate: MetaGradient) -> Average:
    """Average over networks, each network's gradient being clipped at the median norm.

    Raises
    ------
    FloatingPointError
        If no network has a finite gradient.
    """
    gradient = estimate.gradient[estimate.finite]
    if len(gradient) == 0:
        raise FloatingPointError(
            "no network has a finite meta-gradient: theta or the learning rate is too large"
        )
    norm = gradient.norm(dim=1)
    clipped_to_median = clip_to_median(gradient)
    error = clipped_to_median.std(0, correction=min(1, len(gradient) - 1)) / len(gradient) ** 0.5
    return Average(
        clipped_to_median.mean(0), error, int((norm > norm.median()).sum()), int((~estimate.finite).sum())
    )


def clip_to_median(gradient: Tensor) -> Tensor:
    """Return gradients (... b p), each network's at most as long as the median network's."""
    norm = gradient.norm(dim=-1, keepdim=True)
    bound = norm.median(dim=-2, keepdim=True).values
    return gradient * (bound / norm.clamp_min(torch.finfo(norm.dtype).tiny)).clamp_max(1)


def ascend(ascent: Ascent, gradient: Tensor, learning_rate: float) -> Ascent:
    """Take one step of Adam uphill.

    Parameters
    ----------
    ascent
        Where the loop stands.
    gradient
        With respect to the coordinates, p.
    learning_rate
        Adam's step.
    """
    step = ascent.step + 1
    first = FIRST_DECAY * ascent.first + (1 - FIRST_DECAY) * gradient
    second = SECOND_DECAY * ascent.second + (1 - SECOND_DECAY) * gradient**2
    mean = first / (1 - FIRST_DECAY**step)
    coordinates = ascent.coordinates + learning_rate * mean / denominator(second, step)
    return Ascent(coordinates, first, second, step)


def denominator(second: Tensor, step: int) -> Tensor:
    """Return what Adam divides by, from its second moment after so many steps; p, positive."""
    spread = (second / (1 - SECOND_DECAY**step)).sqrt()
    return (spread + FLOOR * spread.max()).clamp_min(torch.finfo(second.dtype).tiny)


def hold_norm(coordinates: Tensor, norm: float) -> Tensor:
    """Return coordinates brought to the norm; 0 leaves them."""
    return coordinates * norm / coordinates.norm() if norm > 0 else coordinates


def average_last_third(iterates: Tensor) -> Tensor:
    """Return the mean of the last third of the iterates (s p); p."""
    last = max(1, len(iterates) // 3)
    return iterates[-last:].mean(0)
