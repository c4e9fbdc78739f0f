"""One step of a walk at a level of error; see `threefactor.analysis.solutions.walk`."""

from typing import NamedTuple

import torch
from torch import Tensor

from threefactor.analysis.landscape.lanczos import unit_rest
from threefactor.analysis.solutions.steering import Steering, uphill
from threefactor.contract import Experience, Network
from threefactor.derivatives.task_error import Runs, error_gradient, run
from threefactor.network.synapses import hold


class Gait(NamedTuple):
    """How a walk goes; lengths are shares of the norm of the anchor's weights."""

    stiff: int = 10  # directions of the Hessian that steps keep out of
    products: int = 20  # with the Hessian, to find these
    repeats: int = 2  # noisy trials of each type in which errors are bounded; 0 for noise-free ones alone
    refresh: int = 25  # steps after which stiff directions are found, and noisy trials drawn, again
    first: float = 0.01  # length of the first step
    longest: float = 0.05  # length of the longest
    growth: float = 1.2  # of the next step where one was taken
    corrections: int = 3  # steps along the gradient by which one comes back below a limit
    margin: float = 0.01  # share of the limit below it that these aim at
    momentum: float = 0.8  # share of the direction that a steered walk keeps, above 0


class Ground(NamedTuple):
    """What bounds the steps of b walks."""

    anchor: Tensor  # b i j, weights
    size: Tensor  # b, their norm
    reach: Tensor | float  # b, largest norm of W - W(0), as a share of that
    trials: list[Experience]  # c sets: noise-free ones, then noisy ones if there are any; of b h each
    limit: Tensor  # b c, of the mean absolute error in each
    stiff: Tensor  # b k n, directions to keep out of, orthonormal


class Seen(NamedTuple):
    """What networks do on their ground."""

    runs: Runs  # noise-free
    error: Tensor  # b c
    gradient: Tensor  # b c n, of the errors


class Place(NamedTuple):
    """Where walks are."""

    network: Network
    seen: Seen
    direction: Tensor  # b n, of the last step, unit norm
    step: Tensor  # b, length of the next one
    length: Tensor  # b, of all so far
    taken: Tensor  # b, number of those


def look(network: Network, trials: list[Experience]) -> Seen:
    """Run networks through sets of trials."""
    runs = [run(network, one) for one in trials]
    errors, gradients = zip(*(error_gradient(one, "graded") for one in runs), strict=True)
    return Seen(runs[0], torch.stack(errors, 1), torch.stack(gradients, 1).flatten(2))


def take_step(place: Place, ground: Ground, steering: Steering | None, gait: Gait) -> Place:
    """Take a step where it ends within the limits, if need be after corrections.

    Where noisy trials were drawn again, a walk may stand above their limit: then a step counts that leads towards it.
    """
    direction = _turned(place, ground, steering, gait)
    network = _moved(place.network, (place.step * ground.size)[:, None] * direction, ground)
    seen = look(network, ground.trials)
    for _ in range(gait.corrections):
        excess = (seen.error - ground.limit) / ground.limit
        if not (excess > 0).any():
            break
        network = _moved(network, _correction(seen, excess, ground, gait), ground)
        seen = look(network, ground.trials)
    allowed = ground.limit.clone()
    allowed[:, 1:] = torch.maximum(allowed, place.seen.error)[:, 1:]
    good = (seen.error <= allowed).all(1)
    if not good.all():
        weights = torch.where(good[:, None, None], network.weights, place.network.weights)
        network = network._replace(weights=weights)
        seen = look(network, ground.trials)
    length = place.length + norm(network.weights - place.network.weights) / ground.size
    step = torch.where(good, place.step * gait.growth, place.step / 2).clamp_max(gait.longest)
    return Place(network, seen, direction, step, length, place.taken + good)


def _turned(place: Place, ground: Ground, steering: Steering | None, gait: Gait) -> Tensor:
    """Return the direction of the next step, across what is stiff and the gradients; b n, unit norm."""
    bent = ground.stiff
    for gradient in place.seen.gradient.unbind(1):
        bent = torch.cat([bent, unit_rest(gradient, bent)[:, None]], 1)
    direction = place.direction
    if steering is not None:
        wanted = unit_rest(uphill(place.seen.runs, steering).flatten(1), bent)
        direction = gait.momentum * direction + (1 - gait.momentum) * wanted
    return unit_rest(direction, bent)


def _correction(seen: Seen, excess: Tensor, ground: Ground, gait: Gait) -> Tensor:
    """Return the move along the gradient of the error that is furthest above its limit, none where none is; b n."""
    worst = excess.argmax(1, keepdim=True)
    gradient = seen.gradient.take_along_dim(worst[:, :, None], 1)[:, 0]
    over = seen.error - (1 - gait.margin) * ground.limit
    wanted = over.take_along_dim(worst, 1) * (excess > 0).any(1, keepdim=True)
    return -wanted / gradient.square().sum(1, keepdim=True) * gradient


def _moved(network: Network, move: Tensor, ground: Ground) -> Network:
    """Return networks after a move (b n), brought back to where they may be."""
    change = network.weights + move.view_as(network.weights) - ground.anchor
    share = (ground.reach * ground.size / norm(change)).clamp_max(1)
    return network._replace(weights=hold(network, ground.anchor + share[:, None, None] * change))


def norm(weights: Tensor) -> Tensor:
    """Return the Frobenius norm of weights (b i j); b."""
    return weights.flatten(1).norm(dim=1)
