"""Walks through the weights that solve a task: how far apart networks can be at one level of error.

A walk starts at a trained network, its anchor, and stays where the noise-free mean absolute error is at most the level.
Each step goes along a direction that is kept, or turned by what steers the walk, without its parts along the gradient
of the error and along the stiffest directions of its Hessian. Where a step ends above the level, steps along the
gradient bring it back; where these do not, it is not taken, and the next one is half as long.

Networks that are right in noise-free trials alone are no solutions: a steered walk finds them soon, with a largest
eigenvalue of the Hessian of 1e6 and more, and errors of chance in noise. Hence the error in noisy trials is bounded too,
by that of the anchor in the same trials, which are drawn again as often as the stiff directions are found.

COST
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Generator, Tensor

from threefactor.analysis.landscape.sharpness import free_weights
from threefactor.analysis.landscape.stiff_directions import stiff_directions
from threefactor.analysis.solutions.steering import Steering
from threefactor.analysis.solutions.walk_step import Gait, Ground, Place, look, norm, take_step
from threefactor.contract import Network
from threefactor.derivatives.task_error import mean_error, noise_free, noisy, run
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
    noisy_error: Tensor  # b s, in the noisy trials that were in force; NaN without such
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
    place, ground = _start(network, environment, bounds, gait, generator)
    for count in range(keep[-1] + 1):
        if count and count % gait.refresh == 0:
            place, ground = _renewed(place, ground, environment, bounds, gait, generator)
        if count in keep:
            kept.append(_kept(place, ground, count))
        if count < keep[-1]:
            place = take_step(place, ground, steering, gait)
    return Walk(*(torch.stack(part, 1) for part in zip(*kept, strict=True)))


def _start(
    network: Network, environment: Environment, bounds: Bounds, gait: Gait, generator: Generator
) -> tuple[Place, Ground]:
    """Return the anchors as places, with random directions, and what bounds their first steps."""
    free = free_weights(network)
    drawn = torch.randn(network.weights.shape, generator=generator, dtype=torch.float64)
    direction = (drawn.to(network.weights) * free).flatten(1)
    direction = direction / direction.norm(dim=1, keepdim=True)
    seen = look(network, [noise_free(network, environment.task)])
    if (seen.error > bounds.level).any():
        raise ValueError(
            f"level = {bounds.level}: must be at least {float(seen.error.max())}, the error of an anchor"
        )
    nothing = torch.zeros_like(direction[:, 0])
    place = Place(network, seen, direction, nothing + gait.first, nothing, nothing)
    ground = Ground(
        network.weights, norm(network.weights * free), bounds.reach, [], seen.error, direction[:, None]
    )
    return _renewed(place, ground, environment, bounds, gait, generator)


def _renewed(
    place: Place, ground: Ground, environment: Environment, bounds: Bounds, gait: Gait, generator: Generator
) -> tuple[Place, Ground]:
    """Draw noisy trials, and find stiff directions, again."""
    network = place.network
    trials = [noise_free(network, environment.task)]
    limits = [torch.full_like(ground.size, bounds.level)]
    if gait.repeats:
        trials.append(noisy(network, environment, gait.repeats, generator=generator))
        anchored = run(network._replace(weights=ground.anchor), trials[1])
        limits.append(mean_error(anchored, "graded")[0] + bounds.excess)
    stiff = stiff_directions(network, environment.task, gait.stiff, gait.products, generator=generator)
    ground = ground._replace(trials=trials, limit=torch.stack(limits, 1), stiff=stiff)
    return place._replace(seen=look(network, trials)), ground


def _kept(place: Place, ground: Ground, count: int) -> tuple[Tensor, ...]:
    """Return what is kept of a place, in the order of `Walk`."""
    weights, error = place.network.weights, place.seen.error
    change = norm(weights - ground.anchor) / ground.size
    in_noise = error[:, 1] if error.shape[1] > 1 else torch.full_like(change, torch.nan)
    return weights, error[:, 0], in_noise, change, place.length, place.taken / max(1, count)
