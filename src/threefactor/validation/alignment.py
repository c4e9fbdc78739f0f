"""Does a learning rule follow the gradient: its expected update at fixed weights beside -dL/dW by BPTT.

The rule learns on through many noisy trials while its weights are put back each time, so that its reward baselines and
its memory are those of learning; L = -R.
"""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Generator, Tensor

from threefactor.contract import Network, Rule
from threefactor.network.bptt import reward_gradient
from threefactor.training.batch import with_weights
from threefactor.training.environment import Environment, experience
from threefactor.training.trial import learn, start_learning


class Expected(NamedTuple):
    """Means over trials."""

    update: Tensor  # n b i j, of each block of trials
    gradient: Tensor  # b i j, of the reward by BPTT
    reward: Tensor  # b


class Alignment(NamedTuple):
    """How an update lies to the gradient, per network; NaN where one of them is zero."""

    cosine: Tensor  # b
    standard_error: Tensor  # b, by the jackknife over blocks
    signal: Tensor  # b, share of |mean update|² that is not sampling noise; unbiased, may be negative
    norm_ratio: Tensor  # b, |update| / |gradient|
    sign_agreement: Tensor  # b, share of weights in which the signs agree


def expected_update(
    rule: Rule,
    network: Network,
    environment: Environment,
    *,
    blocks: int,
    draws: int,
    settle: int,
    generator: Callable[[int], Generator],
) -> Expected:
    """Average update and gradient over noisy trials at fixed weights.

    Parameters
    ----------
    rule
        The learning rule.
    network
        b networks.
    environment
        Task and noise.
    blocks
        Number n of blocks that the trials are averaged in.
    draws
        Trials of each type in each block.
    settle
        Trials before, in which the reward baselines settle.
    generator
        Of the noise of trial h.

    """
    kinds = len(environment.task.kinds)
    share, total = draws * kinds, blocks * draws * kinds
    awake, weights = rule._replace(warm_up=0), network.weights
    learner = start_learning(awake, network, kinds)
    update = weights.new_zeros(blocks, *weights.shape)
    gradient, reward = torch.zeros_like(weights), torch.zeros_like(weights[:, 0, 0])
    for h in range(settle + total):
        lived = experience(environment, network, h, generator=generator(h))
        learner, outcome = learn(awake, learner, *lived)
        learner = with_weights(learner, weights)
        if h >= settle:
            update[(h - settle) // share] += outcome.update / share
            gradient += reward_gradient(network, outcome.trajectory, outcome.feedback.output_gradient) / total
            reward += outcome.feedback.reward / total
    return Expected(update, gradient, reward)


def align(expected: Expected) -> Alignment:
    """Compare the expected update with the gradient.

    ``cosine = <U, g> / (|U| |g|)`` with U the mean update. A mean over few trials carries noise that shrinks the
    cosine by the root of ``signal = 1 - tr var(block means) / (n |U|²)``.

    Parameters
    ----------
    expected
        As `expected_update` returns it.
    """
    update, gradient = expected.update.flatten(2), expected.gradient.flatten(1)
    count = len(update)
    mean = update.mean(0)
    cosine = _cosine(mean, gradient)
    left_out = torch.stack([_cosine((count * mean - block) / (count - 1), gradient) for block in update])
    error = ((count - 1) / count * ((left_out - left_out.mean(0)) ** 2).sum(0)).sqrt()
    noise = ((update - mean) ** 2).sum((0, 2)) / (count * (count - 1))
    signal = 1 - noise / mean.square().sum(1)
    moving = (mean != 0) & (gradient != 0)
    agreement = ((torch.sign(mean) == torch.sign(gradient)) & moving).sum(1) / moving.sum(1)
    return Alignment(cosine, error, signal, mean.norm(dim=1) / gradient.norm(dim=1), agreement)


def _cosine(x: Tensor, y: Tensor) -> Tensor:
    """Return the cosine between rows; b."""
    return (x * y).sum(1) / (x.norm(dim=1) * y.norm(dim=1))
