"""Walks through the weights that solve a task: how far apart networks can be at one level of error.

A walk starts at a trained network, its anchor, and stays where the noise-free mean absolute error is at most the level.
Each step goes along a direction that is kept, or turned by what steers the walk, without its parts along the gradient
of the error and along the stiffest directions of its Hessian. Where a step ends above the level, steps along the
gradient bring it back; where these do not, it is not taken, and the next one is half as long.

COST
"""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Generator, Tensor

from threefactor.analysis.landscape.lanczos import unit_rest
from threefactor.analysis.landscape.sharpness import free_weights
from threefactor.analysis.landscape.stiff_directions import stiff_directions
from threefactor.analysis.solutions.steering import Steering, uphill
from threefactor.contract import Network
from threefactor.derivatives.noise_free import NoiseFree, error_gradient, noise_free_trials
from threefactor.network.synapses import hold
from threefactor.training.environment import Task


class Gait(NamedTuple):
    """How a walk goes; lengths are shares of the norm of the anchor's weights."""

    stiff: int = 10  # directions of the Hessian that steps keep out of
    products: int = 20  # with the Hessian, to find these
    refresh: int = 25  # steps after which they are found again
    first: float = 0.01  # length of the first step
    longest: float = 0.05  # length of the longest
    growth: float = 1.2  # of the next step where one was taken
    corrections: int = 3  # steps along the gradient by which one comes back below the level
    margin: float = 0.01  # share of the level below it that these aim at
    momentum: float = 0.8  # share of the direction that a steered walk keeps, above 0


class Bounds(NamedTuple):
    """Where a walk may go."""

    level: float  # of the mean absolute error
    reach: Tensor | float = torch.inf  # b, largest norm of W - W(0), as a share of that of W(0)


class Walk(NamedTuple):
    """Where b walks were after some numbers of steps s."""

    weights: Tensor  # b s i j
    error: Tensor  # b s, noise-free mean absolute error, at most the level
    change: Tensor  # b s, norm of W - W(0) over that of W(0), both of weights that exist onto free units
    length: Tensor  # b s, of the path so far, in the same unit
    taken: Tensor  # b s, share of the steps so far that were taken


class _Anchor(NamedTuple):
    weights: Tensor  # b i j
    size: Tensor  # b, their norm


class _Place(NamedTuple):
    """Where walks are."""

    run: NoiseFree
    error: Tensor  # b
    gradient: Tensor  # b n, of the error
    direction: Tensor  # b n, of the last step, unit norm
    step: Tensor  # b, length of the next one
    length: Tensor  # b, of all so far
    taken: Tensor  # b, number of those


def walk(
    network: Network,
    task: Task,
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
    task
        Whose noise-free trials the error is of.
    bounds
        The level, and how far from the anchor a walk may go.
    keep
        Numbers of steps after which weights are kept, rising: 0 is the anchor, and the last one ends the walk.
    generator
        Of the first directions, and of what finds stiff ones.
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
    anchor = _Anchor(network.weights, _norm(network.weights * free_weights(network)))
    place = _start(network, task, bounds, gait, generator)
    stiff = place.direction[:, None]
    for count in range(keep[-1] + 1):
        if count in keep:
            kept.append(_kept(place, anchor, count))
        if count < keep[-1]:
            if count % gait.refresh == 0:
                now = place.run.network
                stiff = stiff_directions(now, task, gait.stiff, gait.products, generator=generator)
            place = place._replace(direction=_turned(place, stiff, steering, gait))
            place = _stepped(place, task, bounds, anchor, gait)
    return Walk(*(torch.stack(part, 1) for part in zip(*kept, strict=True)))


def _start(network: Network, task: Task, bounds: Bounds, gait: Gait, generator: Generator) -> _Place:
    """Return the anchors as places, with random directions."""
    drawn = torch.randn(network.weights.shape, generator=generator, dtype=torch.float64)
    direction = (drawn.to(network.weights) * free_weights(network)).flatten(1)
    direction = direction / direction.norm(dim=1, keepdim=True)
    run, error, gradient = _run(network, task)
    if (error > bounds.level).any():
        raise ValueError(
            f"level = {bounds.level}: must be at least {float(error.max())}, the error of an anchor"
        )
    nothing = torch.zeros_like(error)
    return _Place(run, error, gradient, direction, nothing + gait.first, nothing, nothing)


def _turned(place: _Place, stiff: Tensor, steering: Steering | None, gait: Gait) -> Tensor:
    """Return the direction of the next step, across what is stiff (b k n) and the gradient; b n, unit norm."""
    bent = torch.cat([stiff, unit_rest(place.gradient, stiff)[:, None]], 1)
    direction = place.direction
    if steering is not None:
        wanted = unit_rest(uphill(place.run, steering).flatten(1), bent)
        direction = gait.momentum * direction + (1 - gait.momentum) * wanted
    return unit_rest(direction, bent)


def _stepped(place: _Place, task: Task, bounds: Bounds, anchor: _Anchor, gait: Gait) -> _Place:
    """Take a step where it ends within the bounds, if need be after corrections."""
    here = place.run.network
    move = (place.step * anchor.size)[:, None] * place.direction
    run, error, gradient = _run(_moved(here, move, bounds, anchor), task)
    for _ in range(gait.corrections):
        above = error > bounds.level
        if not above.any():
            break
        excess = (error - (1 - gait.margin) * bounds.level) * above
        move = -(excess / gradient.square().sum(1))[:, None] * gradient
        run, error, gradient = _run(_moved(run.network, move, bounds, anchor), task)
    good = error <= bounds.level
    if not good.all():
        weights = torch.where(good[:, None, None], run.network.weights, here.weights)
        run, error, gradient = _run(here._replace(weights=weights), task)
    length = place.length + _norm(run.network.weights - here.weights) / anchor.size
    step = torch.where(good, place.step * gait.growth, place.step / 2).clamp_max(gait.longest)
    return _Place(run, error, gradient, place.direction, step, length, place.taken + good)


def _moved(network: Network, move: Tensor, bounds: Bounds, anchor: _Anchor) -> Network:
    """Return networks after a move (b n), brought back to where they may be."""
    change = network.weights + move.view_as(network.weights) - anchor.weights
    share = (bounds.reach * anchor.size / _norm(change)).clamp_max(1)
    return network._replace(weights=hold(network, anchor.weights + share[:, None, None] * change))


def _run(network: Network, task: Task) -> tuple[NoiseFree, Tensor, Tensor]:
    """Return the trials of networks, their error (b) and its gradient (b n)."""
    run = noise_free_trials(network, task)
    error, gradient = error_gradient(run, "graded")
    return run, error, gradient.flatten(1)


def _kept(place: _Place, anchor: _Anchor, count: int) -> tuple[Tensor, ...]:
    """Return what is kept of a place, in the order of `Walk`."""
    weights = place.run.network.weights
    change = _norm(weights - anchor.weights) / anchor.size
    return weights, place.error, change, place.length, place.taken / max(1, count)


def _norm(weights: Tensor) -> Tensor:
    return weights.flatten(1).norm(dim=1)
