"""The vjp of the eligibility at the end of a trial, in plain PyTorch: any device and precision.

    e = m * sum_l (deviation^l)^T q_l        q_l = w sum_k theta_kl r^k

with the weight w of each step and m = 0 on clamped units. Backwards, with A the derivative of a number L with respect
to e, its rows of clamped units zero,

    M_l = dL/dq_l = deviation^l A      dL/dtheta_kl = <M_l, w r^k>      dL/dr = sum_l M_l * q_l'
    dL/ddeviation = sum_l l deviation^(l-1) * (q_l A^T)

The power l = 0 needs sums only: deviation^0 is one everywhere.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from threefactor.kernels.linearised import Terms
from threefactor.kernels.torch.eligibility_sums import active


class Cotangents(NamedTuple):
    """Derivatives of a number L, taken back through the gated eligibility."""

    theta: Tensor  # b p, of the terms that carry tangents
    gate: Tensor  # b
    deviation: Tensor  # b t i
    rate: Tensor  # b t j


class Powers(NamedTuple):
    """The powers n that take part, and those one below, n - 1, both in the order that they are kept in."""

    n: list[int]
    values: Tensor  # b n t i
    below: list[int]
    below_values: Tensor  # b n-1 t i


class Factors(NamedTuple):
    """What an eligibility is made of; m counts the powers l that take part, l = 0 behind all others."""

    l: list[int]  # m
    theta: Tensor  # k m
    rate: Powers  # w r^k
    deviation: Powers  # of l > 0
    q: Tensor  # b m t j
    q_slope: Tensor  # b m t j, derivative of q with respect to r


def vjp_eligibility(
    theta: Tensor,
    terms: Terms,
    deviation: Tensor,
    rate: Tensor,
    weight: Tensor,
    gate: Tensor,
    adjoint: Tensor,
) -> Cotangents:
    """Take a derivative back through the gated eligibility; see `kernels.eligibility_sums.vjp_eligibility`."""
    made = _factors(theta, terms, deviation, rate, weight)
    positive, steps = len(made.deviation.n), made.q.shape[2]
    onto_q = (made.deviation.values.flatten(1, 2) @ adjoint).unflatten(1, (positive, steps))
    onto_power = (made.q[:, :positive].flatten(1, 2) @ adjoint.mT).unflatten(1, (positive, steps))
    onto_theta = made.rate.values.flatten(2) @ onto_q.flatten(2).mT
    onto_rate, onto_deviation = (torch.zeros_like(made.q[:, 0]) for _ in range(2))
    for m, l in enumerate(made.deviation.n):
        onto_rate.addcmul_(onto_q[:, m], made.q_slope[:, m])
        slope = made.deviation.below_values[:, made.deviation.below.index(l - 1)]
        onto_deviation.addcmul_(onto_power[:, m], slope, value=l)
    if positive < len(made.l):
        total = adjoint.sum(1)
        onto_theta = torch.cat([onto_theta, made.rate.values.sum(2) @ total[..., None]], 2)
        onto_rate.addcmul_(total[:, None], made.q_slope[:, positive])
    size = (made.theta * onto_theta).sum((1, 2))
    chosen = torch.stack([onto_theta[:, made.rate.n.index(k), made.l.index(l)] for k, l in terms], 1)
    gate_value = gate[:, None, None]
    return Cotangents(gate[:, None] * chosen, size, gate_value * onto_deviation, gate_value * onto_rate)


def _factors(theta: Tensor, terms: Terms, deviation: Tensor, rate: Tensor, weight: Tensor) -> Factors:
    """Return what the eligibility of a trial is made of."""
    grid = active(theta, terms)
    rates = _powers(rate, weight[:, None].expand_as(rate), {k for k, _ in grid})
    deviations = _powers(deviation, torch.ones_like(deviation), {l for _, l in grid if l > 0})
    powers = [*deviations.n, *{l for _, l in grid if l == 0}]
    columns = theta[:, powers]
    above = torch.tensor([k + 1 for k in rates.below], dtype=torch.int64, device=columns.device)
    slope = above[:, None] * columns[above]
    q = (columns[rates.n].mT @ rates.values.flatten(2)).unflatten(2, rate.shape[1:])
    q_slope = (slope.mT @ rates.below_values.flatten(2)).unflatten(2, rate.shape[1:])
    return Factors(powers, columns[rates.n], rates, deviations, q, q_slope)


def _powers(x: Tensor, first: Tensor, exponents: set[int]) -> Powers:
    """Return the first times x to each exponent and to one below, ordered so that both are blocks of one array."""
    below = {n - 1 for n in exponents if n > 0}
    order = sorted(exponents - below) + sorted(exponents & below) + sorted(below - exponents)
    kept = x.new_empty(len(x), len(order), *x.shape[1:])
    power = first
    for n in range(max(order, default=-1) + 1):
        place = kept[:, order.index(n)] if n in order else torch.empty_like(x)
        power = torch.mul(power, x, out=place) if n > 0 else place.copy_(first)
    first_block, last_block = slice(0, len(exponents)), slice(len(exponents - below), None)
    return Powers(order[first_block], kept[:, first_block], order[last_block], kept[:, last_block])
