"""A short lifetime of learning as a function of theta: what tangents are held against."""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from threefactor.contract import Experience, Network, Rule
from threefactor.derivatives import two_pass
from threefactor.derivatives.gate import start_tangents
from threefactor.training.batch import convert
from threefactor.training.trial import learn, start_learning


class Lived(NamedTuple):
    """What came out of a lifetime."""

    reward: Tensor  # h b
    weights: Tensor  # h b i j, after each trial


class Sensitivity(NamedTuple):
    """Derivatives of a lifetime with respect to the p terms that carry tangents."""

    reward: Tensor  # h b p
    weights: Tensor  # h b p i j


def live(rule: Rule, theta: Tensor, network: Network, experiences: Sequence[Experience], kinds: int) -> Lived:
    """Run the trials with these values (p) of the rule's terms; of any precision, real or complex."""
    params = rule.params
    grid = params.theta.to(theta.dtype).clone()
    for value, (k, l) in zip(theta, params.terms, strict=True):
        grid[k, l] = value
    valued = rule._replace(params=params._replace(theta=grid))
    learner = start_learning(valued, convert(network, dtype=theta.dtype), kinds)
    rewards, weights = [], []
    for experience in experiences:
        learner, outcome = learn(valued, learner, *convert(experience, dtype=theta.dtype))
        rewards.append(outcome.feedback.reward)
        weights.append(learner.network.weights)
    return Lived(torch.stack(rewards), torch.stack(weights))


def values(rule: Rule) -> Tensor:
    """Return the coefficients of the terms that carry tangents; p."""
    return torch.stack([rule.params.theta[k, l] for k, l in rule.params.terms])


def by_tangents(
    rule: Rule, network: Network, experiences: Sequence[Experience], kinds: int, dtype: torch.dtype
) -> Sensitivity:
    """Propagate tangents through the lifetime, in the given precision."""
    cast_rule = rule._replace(params=rule.params._replace(theta=rule.params.theta.to(dtype)))
    learner = start_learning(cast_rule, convert(network, dtype=dtype), kinds)
    tangents = start_tangents(cast_rule, learner)
    rewards, weights = [], []
    for lived in experiences:
        experience, before = convert(lived, dtype=dtype), learner
        learner, outcome = learn(cast_rule, before, *experience)
        tangents, rho = two_pass.push(cast_rule, before, experience.trial, outcome, tangents)
        rewards.append(rho)
        weights.append(tangents.weight)
    return Sensitivity(torch.stack(rewards), torch.stack(weights))


def by_complex_step(
    rule: Rule, network: Network, experiences: Sequence[Experience], kinds: int
) -> Sensitivity:
    """Differentiate by the imaginary part of a step of 1e-30 i, one coefficient at a time: exact to rounding."""
    tiny = 1e-30
    theta = values(rule).to(torch.complex128)
    columns = []
    for p in range(len(theta)):
        moved = theta.clone()
        moved[p] += 1j * tiny
        lived = live(rule, moved, network, experiences, kinds)
        columns.append((lived.reward.imag / tiny, lived.weights.imag / tiny))
    rewards, weights = zip(*columns, strict=True)
    return Sensitivity(torch.stack(rewards, 2), torch.stack(weights, 2))


def by_differences(
    rule: Rule, network: Network, experiences: Sequence[Experience], kinds: int, step: float
) -> Sensitivity:
    """Differentiate by central differences, one coefficient at a time."""
    theta = values(rule).double()
    columns = []
    for p in range(len(theta)):
        moved = torch.zeros_like(theta)
        moved[p] = step
        up, down = (live(rule, theta + side * moved, network, experiences, kinds) for side in (1, -1))
        columns.append(((up.reward - down.reward) / (2 * step), (up.weights - down.weights) / (2 * step)))
    rewards, weights = zip(*columns, strict=True)
    return Sensitivity(torch.stack(rewards, 2), torch.stack(weights, 2))


def by_autograd(
    rule: Rule, network: Network, experiences: Sequence[Experience], kinds: int, direction: Tensor
) -> tuple[Tensor, Tensor]:
    """Differentiate by reverse mode through learning.

    Parameters
    ----------
    rule, network, experiences, kinds
        The lifetime.
    direction
        i j; reverse mode gives derivatives of numbers, so the weights are projected on it.

    Returns
    -------
    reward : Tensor
        Derivative of the rewards, h b p.
    weights : Tensor
        Derivative of the projected weights, h b p.
    """
    theta = values(rule).double().requires_grad_()
    lived = live(rule, theta, network, experiences, kinds)
    projected = (lived.weights * direction).sum((2, 3))
    numbers = torch.cat([lived.reward.flatten(), projected.flatten()])
    wanted = [n for n in numbers if n.requires_grad]  # before the warm-up is over nothing depends on theta
    gradients = iter([torch.autograd.grad(n, theta, retain_graph=True)[0] for n in wanted])
    rows = [next(gradients) if n.requires_grad else torch.zeros_like(theta) for n in numbers]
    reward, weights = torch.stack(rows).view(2, *lived.reward.shape, len(theta))
    return reward, weights
