"""Updates in units of what their postsynaptic unit is used to, so that no size of the reward or of activity matters.

    square <- k square + (1 - k) mean over j of update²        k = min(keep, 1 - 1/n) of the n-th trial after the warm-up
    scaled = update / sqrt(square)
    step   = size unit scaled / sqrt(1 + (scaled / bound)²)

A unit knows its own updates alone: square is one number for each. Until ``1 / (1 - keep)`` trials have passed it is the
mean of all of them. It includes the trial itself, so that the first step already is of the size. Where all updates of a
unit have been zero there is no step.
"""

import torch
from torch import Tensor

from threefactor.contract import Learner, Normalisation, Rule


def step_of(rule: Rule, learner: Learner, update: Tensor) -> tuple[Tensor, Tensor | None]:
    """Return the step that a trial's update makes (b i j), and the running mean square from then on (b i).

    Without a normalisation, and in the warm-up, the step is the update.
    """
    awake = learner.trials - rule.warm_up
    if rule.normalisation is None or learner.square is None or awake < 0:
        return update, learner.square
    return normalise(rule.normalisation, awake, learner.square, update)


def normalise(
    normalisation: Normalisation, awake: int, square: Tensor, update: Tensor
) -> tuple[Tensor, Tensor]:
    """Return the step of a trial (b i j), and the running mean square from then on (b i).

    Parameters
    ----------
    normalisation
        Its constants.
    awake
        Trials since the warm-up, before this one.
    square
        Running mean square before the trial, b i.
    update
        Of the trial, b i j.
    """
    square = running_square(normalisation, awake, square, update)
    scaled = update * inverse_root(square)[:, :, None]
    size = normalisation.size * normalisation.unit
    return size * scaled / torch.sqrt(1 + (scaled / normalisation.bound) ** 2), square


def running_square(normalisation: Normalisation, awake: int, square: Tensor, update: Tensor) -> Tensor:
    """Return the running mean square after a trial (b i); see `normalise`."""
    keep = kept_share(normalisation, awake)
    return keep * square + (1 - keep) * update.square().mean(2)


def kept_share(normalisation: Normalisation, awake: int) -> float:
    """Return k, by which the old mean counts in a trial that so many went before since the warm-up."""
    return min(normalisation.keep, 1 - 1 / (awake + 1))


def inverse_root(square: Tensor) -> Tensor:
    """Return 1 / sqrt(square), or zero where it is zero."""
    is_silent = square == 0
    return torch.where(is_silent, 0, torch.where(is_silent, 1, square).rsqrt())
