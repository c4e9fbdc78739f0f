"""The poster's tangent equations in eager PyTorch, step by step, with three ways to add a step to the large sums."""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from benchmarks.peers.contract import Work, named
from benchmarks.peers.eager_trial import double_loop, einsum, reward, simulate
from benchmarks.problem import Problem, theta_grid


class Step(NamedTuple):
    """What one time step brings to eligibility and eligibility tangent."""

    theta: Tensor  # b k l
    powers: tuple[int, ...]
    keep: float  # eligibility decay
    weight: Tensor  # i, dt on free units
    deviation: Tensor  # b i
    rate: Tensor  # b j
    deviation_tangent: Tensor  # b p i
    rate_tangent: Tensor  # b p j


# e (b i j), z (b p i j), step -> e, z
Accumulate = Callable[[Tensor, Tensor, Step], tuple[Tensor, Tensor]]


def tangents_with(accumulate: Accumulate) -> Callable[[Problem], Work]:
    """Return the builder of one trial of learning with its tangents."""

    def tangents(problem: Problem) -> Work:
        return Work(torch.no_grad()(lambda: jvp(problem, accumulate)), named("tangents"))

    return tangents


def jvp(problem: Problem, accumulate: Accumulate) -> tuple[Tensor, Tensor, Tensor]:
    """Return U (b p i j), the baseline tangent (b p y) and rho (b p) after the trial."""
    params, before, experience = problem.rule.params, problem.before, problem.experiences[0]
    network, U = before.network, problem.tangents.weight
    theta = theta_grid(problem).expand(problem.case.networks, -1, -1)
    free, keep = (~network.clamped).to(U.dtype), params.eligibility_decay
    trace, psi = before.memory, problem.tangents.trace
    chi = q = torch.zeros_like(psi)
    e, z = torch.zeros_like(network.weights), torch.zeros_like(U)
    rate_tangents = []

    def step(t: int, rate: Tensor, x: Tensor) -> None:
        nonlocal trace, psi, chi, q, e, z
        recurrent = q @ network.weights.mT + (U @ rate[:, None, :, None])[..., 0]
        chi = chi + free * network.leak * (-chi + recurrent)
        deviation, deviation_tangent = trace - x, psi - chi
        trace = params.trace_decay * trace + (1 - params.trace_decay) * x
        psi = params.trace_decay * psi + (1 - params.trace_decay) * chi
        if t >= params.onset:
            weight = params.time_step * free
            now = Step(theta, problem.case.powers, keep, weight, deviation, rate, deviation_tangent, q)
            e, z = accumulate(e, z, now)
        q = (1 - torch.tanh(x) ** 2)[:, None] * chi
        rate_tangents.append(q)

    output = simulate(problem, network.weights, experience, step)
    sign = (
        -experience.trial.window[..., None] * torch.sign(output - experience.trial.target) / output.shape[2]
    )
    rho = torch.einsum("bto,boi,btpi->bp", sign, network.output_weights, torch.stack(rate_tangents, 1))
    return (*_end_trial(problem, e, z, reward(experience, output), rho), rho)


def loops(e: Tensor, z: Tensor, s: Step) -> tuple[Tensor, Tensor]:
    """Add a step term by term."""
    terms = [(a, b, k, l) for a, k in enumerate(s.powers) for b, l in enumerate(s.powers)]
    direct, A, B = [], torch.zeros_like(e), torch.zeros_like(e)
    for a, b, k, l in terms:
        direct.append((s.deviation**l)[:, :, None] * (s.rate**k)[:, None, :])
        coefficient = s.theta[:, a, b, None, None]
        if l > 0:
            A = A + coefficient * (l * s.deviation ** (l - 1))[:, :, None] * (s.rate**k)[:, None, :]
        if k > 0:
            B = B + coefficient * (s.deviation**l)[:, :, None] * (k * s.rate ** (k - 1))[:, None, :]
    indirect = A[:, None] * s.deviation_tangent[..., None] + B[:, None] * s.rate_tangent[:, :, None, :]
    z = s.keep * z + s.weight[:, None] * (torch.stack(direct, 1) + indirect)
    return s.keep * e + s.weight[:, None] * double_loop(s.theta, s.deviation, s.rate, s.powers), z


def contractions(e: Tensor, z: Tensor, s: Step) -> tuple[Tensor, Tensor]:
    """Add a step by contractions over the grid."""
    pre, post, pre_slope, post_slope = _powers(s)
    direct = torch.einsum("bli,bkj->bklij", post, pre).flatten(1, 2)
    A = torch.einsum("bkl,bli,bkj->bij", s.theta, post_slope, pre)
    B = torch.einsum("bkl,bli,bkj->bij", s.theta, post, pre_slope)
    indirect = A[:, None] * s.deviation_tangent[..., None] + B[:, None] * s.rate_tangent[:, :, None, :]
    z = s.keep * z + s.weight[:, None] * (direct + indirect)
    return s.keep * e + s.weight[:, None] * einsum(s.theta, s.deviation, s.rate, s.powers), z


def in_place(e: Tensor, z: Tensor, s: Step) -> tuple[Tensor, Tensor]:
    """Add a step without allocating anything of the size of z."""
    pre, post, pre_slope, post_slope = _powers(s)
    post, post_slope = s.weight * post, s.weight * post_slope
    mixed = s.theta.mT @ pre
    A, B = post_slope.mT @ mixed, post.mT @ (s.theta.mT @ pre_slope)
    if s.keep != 1:
        e.mul_(s.keep)
        z.mul_(s.keep)
    e.baddbmm_(post.mT, mixed)
    grid = z.unflatten(1, (len(s.powers), len(s.powers)))
    grid.addcmul_(post[:, None, :, :, None], pre[:, :, None, None, :])
    z.addcmul_(A[:, None], s.deviation_tangent[..., None])
    z.addcmul_(B[:, None], s.rate_tangent[:, :, None, :])
    return e, z


def _powers(s: Step) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Return powers of rate and deviation, and their slopes; b k j and b l i."""
    return (
        torch.stack([s.rate**k for k in s.powers], 1),
        torch.stack([s.deviation**l for l in s.powers], 1),
        torch.stack([k * s.rate ** max(k - 1, 0) for k in s.powers], 1),
        torch.stack([l * s.deviation ** max(l - 1, 0) for l in s.powers], 1),
    )


def _end_trial(problem: Problem, e: Tensor, z: Tensor, earned: Tensor, rho: Tensor) -> tuple[Tensor, Tensor]:
    """Return U and the baseline tangent after the trial."""
    rule, params, trial_type = problem.rule, problem.rule.params, problem.experiences[0].trial.trial_type
    column = trial_type[:, None, None].expand(-1, rho.shape[1], 1)
    baseline = problem.before.baseline.gather(1, trial_type[:, None])
    rho_bar = problem.tangents.baseline.gather(2, column)[..., 0]
    size, error, s = baseline.abs(), earned[:, None] - baseline, params.baseline_exponent
    gate = params.learning_rate * size**s * error
    gate_tangent = params.learning_rate * size**s * (rho - rho_bar + s * rho_bar / baseline * error)
    change = z * gate[:, :, None, None] + gate_tangent[:, :, None, None] * e[:, None]
    inside = (gate[:, :, None] * e).abs() < params.clip
    weight = (1 - params.weight_decay) * problem.tangents.weight + change * inside[:, None]
    moved = rule.baseline_decay * rho_bar + (1 - rule.baseline_decay) * rho
    return weight, problem.tangents.baseline.scatter(2, column, moved[..., None])
