"""One trial of learning in plain eager PyTorch, step by step as the poster's equations stand.

Written once, out of place, so that forward, autograd and torch.func all run the very same lines.
"""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from benchmarks.problem import Problem
from threefactor.contract import Experience

Eligibility = Callable[[Tensor, Tensor, Tensor, tuple[int, ...]], Tensor]


class Carried(NamedTuple):
    """What crosses trials."""

    weights: Tensor  # b i j
    baseline: Tensor  # b y
    trace: Tensor  # b i


def carried(problem: Problem) -> Carried:
    """Return what crosses trials, before the measured one."""
    before = problem.before
    return Carried(before.network.weights, before.baseline, before.memory)


def double_loop(theta: Tensor, deviation: Tensor, rate: Tensor, powers: tuple[int, ...]) -> Tensor:
    """Return ``sum_kl theta_kl deviation^l outer rate^k``, term by term; b i j."""
    total = torch.zeros_like(deviation[:, :, None] * rate[:, None, :])
    for a, k in enumerate(powers):
        for b, l in enumerate(powers):
            total = total + theta[:, a, b, None, None] * (deviation**l)[:, :, None] * (rate**k)[:, None, :]
    return total


def einsum(theta: Tensor, deviation: Tensor, rate: Tensor, powers: tuple[int, ...]) -> Tensor:
    """Return the same as one contraction of three operands; b i j."""
    post = torch.stack([deviation**l for l in powers], 1)
    pre = torch.stack([rate**k for k in powers], 1)
    return torch.einsum("bkl,bli,bkj->bij", theta, post, pre)


def simulate(
    problem: Problem,
    weights: Tensor,
    experience: Experience,
    plasticity: Callable[[int, Tensor, Tensor], None],
) -> Tensor:
    """Run the network through a trial, calling plasticity(t, rate, new state); return the output, b t o."""
    network, (trial, x, perturbation) = problem.before.network, experience
    gain = network.leak * (~network.clamped).to(x.dtype)
    drive = trial.inputs @ network.input_weights.mT + perturbation
    outputs = []
    rate = torch.tanh(x)
    for t in range(problem.case.steps):
        recurrent = (weights @ rate[:, :, None])[:, :, 0]
        x = x + gain * (-x + recurrent + drive[:, t])
        plasticity(t, rate, x)
        rate = torch.tanh(x)
        outputs.append((network.output_weights @ rate[:, :, None])[:, :, 0])
    return torch.stack(outputs, 1)


def reward(experience: Experience, output: Tensor) -> Tensor:
    """Return the graded reward; b."""
    error = (output - experience.trial.target).abs().mean(2)
    return -(error * experience.trial.window).sum(1)


def learn(
    problem: Problem, theta: Tensor, before: Carried, experience: Experience, eligibility: Eligibility
) -> tuple[Carried, Tensor]:
    """Return what crosses to the next trial, and the reward (b); theta is b k l, of the powers in the grid."""
    params = problem.rule.params
    free = (~problem.before.network.clamped).to(theta.dtype)[:, None]
    e, trace = torch.zeros_like(before.weights), before.trace

    def plasticity(t: int, rate: Tensor, x: Tensor) -> None:
        nonlocal e, trace
        deviation = trace - x
        trace = params.trace_decay * trace + (1 - params.trace_decay) * x
        if t >= params.onset:
            step = params.time_step * free * eligibility(theta, deviation, rate, problem.case.powers)
            e = params.eligibility_decay * e + step

    earned = reward(experience, simulate(problem, before.weights, experience, plasticity))
    return end_trial(problem, before, experience, e, trace, earned), earned


def end_trial(
    problem: Problem, before: Carried, experience: Experience, e: Tensor, trace: Tensor, earned: Tensor
) -> Carried:
    """Gate the eligibility with the reward, clip, and move weights and baseline."""
    rule, params, trial_type = problem.rule, problem.rule.params, experience.trial.trial_type[:, None]
    baseline = before.baseline.gather(1, trial_type)[:, 0]
    gate = params.learning_rate * baseline.abs() ** params.baseline_exponent * (earned - baseline)
    update = (gate[:, None, None] * e).clamp(-params.clip, params.clip) - params.weight_decay * before.weights
    moved = rule.baseline_decay * baseline + (1 - rule.baseline_decay) * earned
    return Carried(
        before.weights + update,
        before.baseline.scatter(1, trial_type, moved[:, None]),
        trace if params.carry_trace else torch.zeros_like(trace),
    )
