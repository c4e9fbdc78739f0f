"""Sums over the time of a trial compiled for the CPU by numba: the eligibility, and the move of the weight tangent."""

# mypy: disable-error-code="no-untyped-def, call-arg"

import torch
from torch import Tensor

from threefactor.kernels.cpu.borrow import borrow
from threefactor.kernels.cpu.jit import fast
from threefactor.kernels.cpu.lanes import known, lanes, multiply_tile
from threefactor.kernels.cpu.scans import arrays

CHUNK = 60_000  # numbers of the left factors that are made at a time


def eligibility(
    theta: Tensor, deviation: Tensor, rate: Tensor, step_weight: Tensor, gate: Tensor, bound: float
) -> Tensor:
    """Return the gated eligibility; see `threefactor.kernels.eligibility_sums.eligibility`."""
    batch, steps, units = rate.shape
    theta = theta.detach()
    left, right, constant = _factors(theta.expand(batch, *theta.shape[-2:]))
    width = lanes(theta.numpy().dtype)
    vectors = -(-units // width)
    wide, pairs = vectors * width, left.shape[1]
    chunk = max(1, min(steps, CHUNK // max(1, pairs * wide)))
    mixed = theta.new_zeros(chunk * pairs, wide)
    panels = theta.new_zeros(vectors, chunk * pairs, width)
    sums, rows = theta.new_zeros(wide, wide), theta.new_zeros(2, units)
    result = torch.empty(batch, units, units, dtype=theta.dtype)
    given = arrays(left, right, constant, deviation, rate, step_weight, gate)
    degrees = known(left.shape[2] - 1), known(right.shape[2] - 1)
    number = given[0].dtype.type
    _eligibility(*given, number(bound), *arrays(mixed, panels, sums, rows, result), degrees, known(width))
    return result


def _factors(theta: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Split theta (b k l) into few products, and what does not depend on the rate and needs none; b m l, b m k, b l.

    ``sum_kl theta_kl x^l r^k = constant . x^l + sum_m (left[m] . x^l) (right[m] . r^k)``: a product for each positive
    power of the rate that takes part in any network, or for each power of the deviation where these are fewer.
    """
    rest = theta.clone()
    rest[:, 0] = 0
    batch, size = len(theta), theta.shape[1:]
    k, l = ((rest != 0).any(0).any(n).nonzero()[:, 0] for n in (1, 0))
    alone = [torch.eye(n, dtype=rest.dtype).expand(batch, n, n) for n in size]
    if len(k) <= len(l):
        return rest[:, k], alone[0][:, k], theta[:, 0]
    return alone[1][:, l], rest[:, :, l].mT, theta[:, 0]


def move(
    tangent: Tensor, z: Tensor, e: Tensor, gate: Tensor, gate_tangent: Tensor, bound: float, decay: float
) -> Tensor:
    """Return the weight tangent after the trial; see `threefactor.kernels.eligibility_sums.move`."""
    result = z.contiguous()
    given = arrays(tangent, result, e, gate, gate_tangent)
    number = given[0].dtype.type
    _move(*given, number(bound), number(1 - decay))
    return result


@fast
def _horner(x, coefficients, weight, result, degree):
    """Write the polynomial of x times the weight."""
    for i in range(len(x)):
        total = coefficients[len(degree)]
        for n in range(len(degree)):
            total = total * x[i] + coefficients[len(degree) - 1 - n]
        result[i] = weight[i] * total


@fast
def _horner_panels(x, coefficients, row, panels, degree, width):
    """Write the polynomial of x to a row of the panels."""
    for v in range(len(panels)):
        vector, first = panels[v, row], v * len(width)
        for n in range(min(len(width), len(x) - first)):
            total = coefficients[len(degree)]
            for k in range(len(degree)):
                total = total * x[first + n] + coefficients[len(degree) - 1 - k]
            vector[n] = total


@fast
def _eligibility(
    left,
    right,
    constant,
    deviation,
    rate,
    step_weight,
    gate,
    bound,
    mixed,
    panels,
    sums,
    rows,
    result,
    degrees,
    width,
):
    left, right, constant, deviation, rate = borrow((left, right, constant, deviation, rate))
    step_weight, gate, mixed, panels, rows = borrow((step_weight, gate, mixed, panels, rows))
    result, sums = borrow((result, sums))
    batch, steps, units = rate.shape
    wide, pairs, every, now = len(sums), left.shape[1], rows[0], rows[1]
    chunk = len(mixed) // pairs if pairs > 0 else steps
    for b in range(batch):
        flat = (constant[b] != 0).any()
        sums[:] = 0
        every[:] = 0
        for first in range(0, steps, chunk):
            last = min(first + chunk, steps)
            for t in range(first, last):
                if flat:
                    _horner(deviation[b, t], constant[b], step_weight[t], now, degrees[0])
                    for i in range(units):
                        every[i] += now[i]
                for m in range(pairs):
                    row = (t - first) * pairs + m
                    _horner(deviation[b, t], left[b, m], step_weight[t], mixed[row], degrees[0])
                    _horner_panels(rate[b, t], right[b, m], row, panels, degrees[1], width)
            for v in range(len(panels)):
                for i in range(0, wide, len(width)):
                    multiply_tile(
                        sums, i * wide + v * len(width), wide, mixed, i, 1, wide,
                        panels, v * chunk * pairs * len(width), len(width), (last - first) * pairs,
                        width, (0,), width,
                    )  # fmt: skip
        for i in range(units):
            found, total, same = result[b, i], sums[i], every[i]
            for j in range(units):
                found[j] = min(max(gate[b] * (total[j] + same), -bound), bound)


@fast
def _move(tangent, z, e, gate, gate_tangent, bound, keep):
    batch, count, units, _ = tangent.shape
    for b in range(batch):
        for p in range(count):
            for i in range(units):
                for j in range(units):
                    free = keep * 0 + (abs(gate[b] * e[b, i, j]) < bound)  # a number: NaN times zero is NaN
                    change = gate[b] * z[b, p, i, j] + gate_tangent[b, p] * e[b, i, j]
                    z[b, p, i, j] = keep * tangent[b, p, i, j] + free * change
