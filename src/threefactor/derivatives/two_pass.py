"""The tangents in two passes: first the trial, then everything that is N² as matrix products over time.

Rate and deviation do not depend on the tangents, so with the trial at hand (1) ``U r`` for all steps is one product,
(2) the state tangent is one scan, and (3) eligibility and its tangent are sums over time of outer products:

    e = sum_l (w deviation^l)^T (sum_k theta_kl r^k)
    z = (w deviation^l)^T r^k + sum_k (w a_k * deviation_tangent)^T r^k + sum_l (w deviation^l)^T (b_l * q)

with ``a_k = sum_l theta_kl l deviation^(l-1)``, ``b_l = sum_k theta_kl k r^(k-1)`` and the weight w of each step.
Equal to `threefactor.derivatives.stepwise` to rounding.
"""

import torch
from torch import Tensor

from threefactor.contract import Learner, Outcome, Rule, Tangents, Trial
from threefactor.derivatives.gate import end_trial, reward_tangent
from threefactor.kernels import scans
from threefactor.learning_rules.polynomial import (
    Polynomial,
    active,
    deviation,
    eligibility,
    powers,
    time_weight,
)
from threefactor.training.batch import select

LIMIT = 50_000_000  # numbers in an array over networks, time, coefficients and units
CHUNK = 2  # networks at a time, so that their tangents stay in the cache


def push(
    rule: Rule, before: Learner, trial: Trial, outcome: Outcome, tangents: Tangents
) -> tuple[Tangents, Tensor]:
    """Push the tangents through one trial of learning; see `threefactor.derivatives.stepwise.push`.

    Networks are taken some at a time, so that what is kept of a trial stays within `LIMIT` numbers an array.
    """
    batch, count, units = tangents.trace.shape
    at_once = max(1, LIMIT // (count * units * outcome.trajectory.rate.shape[1]))
    if batch <= at_once:
        return _push(rule, before, trial, outcome, tangents)
    parts = [
        _push(rule, *select((before, trial, outcome, tangents), index))
        for index in torch.arange(batch, device=tangents.trace.device).split(at_once)
    ]
    after, rho = zip(*parts, strict=True)
    return Tangents(*(torch.cat(part) for part in zip(*after, strict=True))), torch.cat(rho)


def _push(
    rule: Rule, before: Learner, trial: Trial, outcome: Outcome, tangents: Tangents
) -> tuple[Tangents, Tensor]:
    """Push the tangents of all networks at once."""
    params: Polynomial = rule.params
    network, trajectory = before.network, outcome.trajectory
    slope = 1 - torch.tanh(trajectory.state) ** 2
    batch, count, units = tangents.trace.shape
    drive = trajectory.rate @ tangents.weight.reshape(batch, count * units, units).mT
    chi = scans.tangent_scan(
        network.weights,
        slope[:, :-1],
        drive.view(batch, -1, count, units),
        torch.zeros_like(tangents.trace),
        network.clamped,
        network.leak,
    )
    rate_tangent = slope[:, :, None] * chi
    psi = scans.trace_scan(chi[:, 1:], tangents.trace, params.trace_decay)
    change, _ = deviation(params, before.memory, trajectory)
    weight = time_weight(params, network, change)
    z = eligibility_tangent(
        params, weight, change, trajectory.rate, psi[:, :-1] - chi[:, 1:], rate_tangent[:, :-1]
    )
    e = eligibility(params, network, change, trajectory.rate)
    rho = reward_tangent(network, outcome, rate_tangent)
    return end_trial(rule, before, trial, outcome, tangents, e, z, rho, psi[:, -1]), rho


def eligibility_tangent(
    params: Polynomial,
    weight: Tensor,
    deviation: Tensor,
    rate: Tensor,
    deviation_tangent: Tensor,
    rate_tangent: Tensor,
) -> Tensor:
    """Return z at the end of the trial; b p i j.

    Parameters
    ----------
    params
        Of the rule.
    weight
        t i, weight of each step in the sum.
    deviation, rate
        b t i and b t j.
    deviation_tangent, rate_tangent
        b t p i and b t p j.
    """
    grid = active(params)
    pre = powers(rate, grid)
    post = {l: weight * power for l, power in powers(deviation, [(l, k) for k, l in grid]).items()}
    z = basis(params, pre, post)
    through_post = _slopes([(k, l, params.theta[k, l]) for k, l in grid], post)
    through_pre = _slopes([(l, k, params.theta[k, l]) for k, l in grid], pre)
    chunk = CHUNK if z.device.type == "cpu" else len(z)
    for part in (slice(first, first + chunk) for first in range(0, len(z), chunk)):
        if through_post:
            left = _weighted(through_post, deviation_tangent, part)
            z[part].flatten(1, 2).baddbmm_(left.mT, torch.cat([pre[k][part] for k in through_post], 1))
        if through_pre:
            right = _weighted(through_pre, rate_tangent, part)
            product = torch.cat([post[l][part] for l in through_pre], 1).mT @ right
            z[part] += product.unflatten(2, z.shape[1::2]).transpose(1, 2)
    return z


def basis(params: Polynomial, pre: dict[int, Tensor], post: dict[int, Tensor]) -> Tensor:
    """Return the basis eligibilities ``(w deviation^l)^T r^k`` of the terms that carry tangents; b p i j."""
    ks, ls = sorted({k for k, _ in params.terms}), sorted({l for _, l in params.terms})
    batch, _, units = pre[0].shape
    product = torch.cat([post[l] for l in ls], 2).mT @ torch.cat([pre[k] for k in ks], 2)
    blocks = product.view(batch, len(ls), units, len(ks), units)
    return torch.stack([blocks[:, ls.index(l), :, ks.index(k)] for k, l in params.terms], 1)


def _slopes(terms: list[tuple[int, int, Tensor]], power: dict[int, Tensor]) -> dict[int, Tensor]:
    """Return ``sum_n c n x^(n-1)`` for each m of the terms (m, n, c); m without a slope is left out. b t i each."""
    slopes: dict[int, Tensor] = {}
    for m, n, coefficient in terms:
        if n > 0:
            slopes[m] = slopes.get(m, 0) + coefficient * n * power[n - 1]
    return slopes


def _weighted(slopes: dict[int, Tensor], tangent: Tensor, part: slice) -> Tensor:
    """Return the tangents of some networks (b t p i) times each slope, one after the other in time; b mt pi."""
    networks, steps, count, units = tangent[part].shape
    product = tangent.new_empty(networks, len(slopes), steps, count, units)
    for m, slope in enumerate(slopes.values()):
        torch.mul(slope[part, :, None], tangent[part], out=product[:, m])
    return product.flatten(3, 4).flatten(1, 2)
