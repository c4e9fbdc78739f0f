"""Walks through the weights that solve a task: how far apart networks can be at one level of error.

A walk starts at a trained network, its anchor, and stays where the noise-free mean absolute error is at most the level.
Each step goes along a direction that is kept, or turned by what steers the walk, without its parts along the gradient
of the error and along the stiffest directions of its Hessian. Where a step ends above the level, steps along the
gradient bring it back; where these do not, it is not taken, and the next one is half as long.

Networks that are right in noise-free trials alone are no solutions: a steered walk finds them soon, with a largest
eigenvalue of the Hessian a thousand times that of the anchor, and errors of chance in noise. Hence the error in noisy
trials is bounded too, by that of the anchor in the same trials. They are drawn anew for each step, since a walk soon
fits a few; it is checked in others, returns where it cannot be brought to pass, and only points that passed are kept.

Cost, of one network of 128 units, four trial types and 100 steps a trial in single precision, among eight: 1.2 s of CPU
for a steered walk of 50 steps, 0.9 s for a random one (``python -m benchmarks measures``).
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Generator, Tensor

from threefactor.analysis.landscape.sharpness import free_weights
from threefactor.analysis.landscape.stiff_directions import stiff_directions
from threefactor.analysis.solutions.steering import Steering
from threefactor.analysis.solutions.walk_step import (
    Gait,
    Ground,
    Place,
    Trials,
    draw_trials,
    norm,
    settle,
    take_step,
)
from threefactor.contract import Network
from threefactor.derivatives.task_error import mean_error, run
from threefactor.training.environment import Environment


class Bounds(NamedTuple):
    """Where a walk may go."""

    level: float  # of the noise-free mean absolute error
    excess: float = 0.02  # of the error in noisy trials over that of the anchor in the same trials
    reach: Tensor | float = torch.inf  # b, largest norm of W - W(0), as a share of that of W(0)


class Walk(NamedTuple):
    """Where b walks were after some numbers of steps s."""

    weights: Tensor  # b s i j
    error: Tensor  # b s, noise-free mean absolute error, at most the level
    excess: Tensor  # b s, of the error in noisy trials that no step knew of over that of the anchor in the same trials
    change: Tensor  # b s, norm of W - W(0) over that of W(0), both of weights that exist onto free units
    length: Tensor  # b s, of the path so far, in the same unit
    taken: Tensor  # b s, share of the steps so far that were taken


def walk(
    network: Network,
    environment: Environment,
    bounds: Bounds,
    keep: Sequence[int],
    *,
    generator: Generator,
    steering: Steering | None = None,
    gait: Gait | None = None,
) -> Walk:
    """Walk from each of b networks, within bounds.

    Parameters
    ----------
    network
        b anchors; one may be there several times.
    environment
        Task and noise.
    bounds
        The level, and how far from the anchor a walk may go.
    keep
        Numbers of steps after which weights are kept, rising: 0 is the anchor, and the last one ends the walk.
    generator
        Of the first directions, of what finds stiff ones, and of noisy trials.
    steering
        What the walk ascends; None for a random direction that is kept.
    gait
        How it goes; None for the default.

    Raises
    ------
    ValueError
        If an anchor is above the level.
    """
    gait, kept = gait or Gait(), []
    size = norm(network.weights * free_weights(network))
    ground = Ground(environment, network, size, *bounds)
    checked = draw_trials(ground, gait.checked, generator=generator)
    place = last = _start(ground, checked, gait, generator)
    for count in range(keep[-1] + 1):
        if count and (count in keep or count % gait.refresh == 0):
            place, good = settle(place, ground, checked, gait, generator=generator)
            place = last = _chosen(good, place, last)
        if count in keep:
            kept.append(_kept(last, ground, checked, count))
        if count < keep[-1]:
            if count % gait.refresh == 0:
                stiff = stiff_directions(
                    place.network, environment.task, gait.stiff, gait.products, generator=generator
                )
            trials = draw_trials(ground, gait.repeats, generator=generator)
            place = take_step(place, ground, trials, stiff, steering, gait)
    return Walk(*(torch.stack(part, 1) for part in zip(*kept, strict=True)))


def _chosen(good: Tensor, place: Place, last: Place) -> Place:
    """Return the places of walks that passed, and the last ones that did of all others."""
    weights = torch.where(good[:, None, None], place.network.weights, last.network.weights)
    length = torch.where(good, place.length, last.length)
    return place._replace(network=place.network._replace(weights=weights), length=length)


def _start(ground: Ground, checked: Trials, gait: Gait, generator: Generator) -> Place:
    """Return the anchors as places, with random directions."""
    anchor = ground.anchor
    error = mean_error(run(anchor, checked.sets[0]), "graded")[0]
    if (error > ground.level).any():
        raise ValueError(
            f"level = {ground.level}: must be at least {float(error.max())}, the error of an anchor"
        )
    drawn = torch.randn(anchor.weights.shape, generator=generator, dtype=torch.float64)
    direction = (drawn.to(anchor.weights) * free_weights(anchor)).flatten(1)
    nothing = torch.zeros_like(error)
    unit = direction / direction.norm(dim=1, keepdim=True)
    return Place(anchor, unit, nothing + gait.first, nothing, nothing)


def _kept(place: Place, ground: Ground, checked: Trials, count: int) -> tuple[Tensor, ...]:
    """Return what is kept of a place, in the order of `Walk`."""
    weights = place.network.weights
    errors, before = (
        [mean_error(run(network, one), "graded")[0] for one in checked.sets]
        for network in (place.network, ground.anchor)
    )
    over = errors[1] - before[1] if len(errors) > 1 else errors[0] * torch.nan
    change = norm(weights - ground.anchor.weights) / ground.size
    return weights, errors[0], over, change, place.length, place.taken / max(1, count)
