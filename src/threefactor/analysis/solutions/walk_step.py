"""One step of a walk at a level of error; see `threefactor.analysis.solutions.walk`."""

from typing import NamedTuple

import torch
from torch import Generator, Tensor

from threefactor.analysis.landscape.lanczos import unit_rest
from threefactor.analysis.solutions.steering import Steering, uphill
from threefactor.contract import Experience, Network
from threefactor.derivatives.task_error import Runs, error_gradient, mean_error, noise_free, noisy, run
from threefactor.network.synapses import hold
from threefactor.training.environment import Environment


class Gait(NamedTuple):
    """How a walk goes; lengths are shares of the norm of the anchor's weights."""

    stiff: int = 10  # directions of the Hessian that steps keep out of
    products: int = 20  # with the Hessian, to find these
    refresh: int = 25  # steps after which these are found again, and a walk is checked
    repeats: int = 2  # noisy trials of each type, drawn anew for each step; 0 for none
    checked: int = 8  # noisy trials of each type, others, in which a walk is checked; 0 for none
    settling: int = 20  # most steps along the gradient, in new noisy trials, by which it comes to pass
    first: float = 0.01  # length of the first step
    longest: float = 0.05  # length of the longest
    growth: float = 1.2  # of the next step where one was taken
    corrections: int = 3  # steps along the gradient by which one comes back below a limit
    margin: float = 0.01  # share of the limit below it that these aim at
    momentum: float = 0.8  # share of the direction that a steered walk keeps, above 0


class Ground(NamedTuple):
    """What bounds the steps of b walks, beside the level."""

    environment: Environment
    anchor: Network
    size: Tensor  # b, norm of the anchor's weights
    level: float  # of the noise-free mean absolute error
    excess: float  # of the error in noisy trials over that of the anchor in the same trials
    reach: Tensor | float  # b, largest norm of W - W(0), as a share of that of W(0)


class Place(NamedTuple):
    """Where walks are."""

    network: Network
    direction: Tensor  # b n, of the last step, unit norm
    step: Tensor  # b, length of the next one
    length: Tensor  # b, of all so far
    taken: Tensor  # b, number of those


class Seen(NamedTuple):
    """What networks do in c sets of trials: noise-free ones, then noisy ones if there are any."""

    runs: Runs  # noise-free
    error: Tensor  # b c
    gradient: Tensor  # b c n, of the errors


class Trials(NamedTuple):
    """Sets of trials of b networks, and the limits of their errors in these."""

    sets: list[Experience]  # c, of b h each
    limit: Tensor  # b c


def draw_trials(ground: Ground, repeats: int, *, generator: Generator) -> Trials:
    """Draw so many noisy trials of each type beside the noise-free ones; the anchors' errors in them set the limit."""
    sets = [noise_free(ground.anchor, ground.environment.task)]
    limits = [torch.full_like(ground.size, ground.level)]
    if repeats:
        sets.append(noisy(ground.anchor, ground.environment, repeats, generator=generator))
        limits.append(mean_error(run(ground.anchor, sets[1]), "graded")[0] + ground.excess)
    return Trials(sets, torch.stack(limits, 1))


def look(network: Network, trials: Trials) -> Seen:
    """Run networks through sets of trials."""
    runs = [run(network, one) for one in trials.sets]
    errors, gradients = zip(*(error_gradient(one, "graded") for one in runs), strict=True)
    return Seen(runs[0], torch.stack(errors, 1), torch.stack(gradients, 1).flatten(2))


def take_step(
    place: Place, ground: Ground, trials: Trials, stiff: Tensor, steering: Steering | None, gait: Gait
) -> Place:
    """Take a step where it ends within the limits, if need be after corrections.

    A walk may stand above the limit of noisy trials that were just drawn: then a step counts that leads towards it.
    """
    here = look(place.network, trials)
    direction = _turned(place.direction, here, stiff, steering, gait)
    network = _moved(place.network, (place.step * ground.size)[:, None] * direction, ground)
    seen = look(network, trials)
    for _ in range(gait.corrections):
        above = (seen.error > trials.limit).any(1)
        if not above.any():
            break
        network = _moved(network, _correction(seen, trials.limit, gait) * above[:, None], ground)
        seen = look(network, trials)
    good = (seen.error <= torch.maximum(trials.limit, here.error)).all(1)
    weights = torch.where(good[:, None, None], network.weights, place.network.weights)
    length = place.length + norm(weights - place.network.weights) / ground.size
    step = torch.where(good, place.step * gait.growth, place.step / 2).clamp_max(gait.longest)
    return Place(network._replace(weights=weights), direction, step, length, place.taken + good)


def _turned(direction: Tensor, here: Seen, stiff: Tensor, steering: Steering | None, gait: Gait) -> Tensor:
    """Return the direction of the next step, across what is stiff (b k n) and the gradients; b n, unit norm."""
    bent = stiff
    for gradient in here.gradient.unbind(1):
        bent = torch.cat([bent, unit_rest(gradient, bent)[:, None]], 1)
    if steering is not None:
        wanted = unit_rest(uphill(here.runs, steering).flatten(1), bent)
        direction = gait.momentum * direction + (1 - gait.momentum) * wanted
    return unit_rest(direction, bent)


def settle(
    place: Place, ground: Ground, checked: Trials, gait: Gait, *, generator: Generator
) -> tuple[Place, Tensor]:
    """Bring walks within the limits of trials that no step knew of, by steps along gradients in others.

    Returns
    -------
    place : Place
        Settled.
    good : Tensor
        Which walks are within the limits; b, bool.
    """
    network = place.network
    for _ in range(gait.settling):
        good = within(network, checked)
        if good.all():
            break
        trials = draw_trials(ground, gait.repeats, generator=generator)
        move = _correction(look(network, trials), trials.limit, gait) * ~good[:, None]
        network = _moved(network, move, ground)
    return place._replace(network=network), within(network, checked)


def within(network: Network, trials: Trials) -> Tensor:
    """Tell which networks are within all limits; b, bool."""
    errors = [mean_error(run(network, one), "graded")[0] for one in trials.sets]
    return (torch.stack(errors, 1) <= trials.limit).all(1)


def _correction(seen: Seen, limit: Tensor, gait: Gait) -> Tensor:
    """Return the move down the error that is furthest above its limit, to just below that, or a little at least; b n."""
    worst = (seen.error / limit).argmax(1, keepdim=True)
    gradient = seen.gradient.take_along_dim(worst[:, :, None], 1)[:, 0]
    aim = (1 - gait.margin) * limit
    over = torch.maximum(seen.error - aim, limit - aim).take_along_dim(worst, 1)
    return -over / gradient.square().sum(1, keepdim=True) * gradient


def _moved(network: Network, move: Tensor, ground: Ground) -> Network:
    """Return networks after a move (b n), brought back to where they may be."""
    start = ground.anchor.weights
    change = network.weights + move.view_as(start) - start
    share = (ground.reach * ground.size / norm(change)).clamp_max(1)
    return network._replace(weights=hold(network, start + share[:, None, None] * change))


def norm(weights: Tensor) -> Tensor:
    """Return the Frobenius norm of weights (b i j); b."""
    return weights.flatten(1).norm(dim=1)
