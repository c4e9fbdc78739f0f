"""Scores of rules on held-out networks: from errors alone, with noise that is common to all rules."""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Generator, Tensor

from threefactor.contract import Network, Rule
from threefactor.tasks.reward import correct, mean_error
from threefactor.training.batch import select
from threefactor.training.environment import Environment, experience
from threefactor.training.learning_run import Criterion
from threefactor.training.objective import WIDTH
from threefactor.training.trial import learn, start_learning


class Score(NamedTuple):
    """What m networks did under each of r rules; an error that is not finite counts as a bad trial."""

    smoothed_error_rate: Tensor  # r m, after the warm-up
    error: Tensor  # r m, mean error after the warm-up; NaN where one was not finite
    trials_to_criterion: Tensor  # r m, int64; the horizon where it was not reached
    reached: Tensor  # r m, bool


def score(
    rule: Rule,
    network: Network,
    environment: Environment,
    criterion: Criterion,
    *,
    generator: Callable[[int], Generator],
) -> Score:
    """Train networks under rules that differ in theta, and score their errors.

    The smoothed error rate is the mean over trials of ``sigmoid((error - bound) / 0.12)``; a trial counts as one where
    the criterion asks for the right answer and it is wrong. It still tells rules apart where the rate of bad trials and
    the trials to criterion hardly do.

    Parameters
    ----------
    rule
        Polynomial, with a theta for each of r rules (r k l).
    network
        m networks, before learning.
    environment
        Task and noise.
    criterion
        What a bad trial is, and when a network has learned; its horizon is the number of trials.
    generator
        Of the noise of trial h, common to all rules.
    """
    thetas, count = rule.params.theta, len(network.weights)
    place = torch.arange(count, device=network.weights.device).repeat(len(thetas))
    each = rule._replace(params=rule.params._replace(theta=thetas.repeat_interleave(count, 0)))
    learner = start_learning(each, select(network, place), len(environment.task.trial_types))
    errors, right = [], []
    for h in range(criterion.horizon):
        sampled = select(experience(environment, network, h, generator=generator(h)), place)
        learner, outcome = learn(each, learner, *sampled)
        errors.append(mean_error(sampled.trial, outcome.trajectory.output))
        right.append(correct(sampled.trial, outcome.trajectory.output))
    both = [torch.stack(part, 1).unflatten(0, (len(thetas), count)) for part in (errors, right)]
    return summarise(both[0], both[1], rule.warm_up, criterion)


def summarise(errors: Tensor, right: Tensor, warm_up: int, criterion: Criterion) -> Score:
    """Return the score of the errors of all trials and of whether their answers were right; r m h each."""
    counted, passes = errors[..., warm_up:], right if criterion.correct else torch.ones_like(right)
    smoothed = torch.sigmoid((counted - criterion.error) / WIDTH)
    smoothed = torch.where(counted.isfinite() & passes[..., warm_up:], smoothed, 1).mean(-1)
    good = ((errors < criterion.error) & passes).to(torch.int64).cumsum(-1)
    before = torch.nn.functional.pad(good, (criterion.window, 0))[..., : errors.shape[-1]]
    learned = good - before >= criterion.fraction * criterion.window
    learned[..., : criterion.window - 1] = False
    reached = learned.any(-1)
    first = learned.to(torch.int64).argmax(-1) + 1
    return Score(smoothed, counted.mean(-1), torch.where(reached, first, criterion.horizon), reached)
