"""Sums over the time of a trial compiled for the CPU by numba: the eligibility, and the move of the weight tangent."""

# mypy: disable-error-code="no-untyped-def, call-arg"

import torch
from torch import Tensor

from threefactor.kernels.compiled import arrays
from threefactor.kernels.jit import fast
from threefactor.kernels.lanes import known, lanes, multiply_tile

CHUNK = 60_000  # numbers of the left factors that are made at a time


def eligibility(
    theta: Tensor, deviation: Tensor, rate: Tensor, moment: Tensor, gate: Tensor, bound: float
) -> Tensor:
    """Return the gated eligibility; see `threefactor.kernels.sums.eligibility`."""
    batch, steps, units = rate.shape
    left, right = _factors(theta.detach())
    width = lanes(theta.numpy().dtype)
    vectors = -(-units // width)
    wide, pairs = vectors * width, len(left)
    chunk = max(1, min(steps, CHUNK // (pairs * wide)))
    mixed = theta.new_zeros(chunk * pairs, wide)
    panels = theta.new_zeros(vectors, chunk * pairs, width)
    sums = theta.new_zeros(wide, wide)
    result = torch.empty(batch, units, units, dtype=theta.dtype)
    given = arrays(left, right, deviation, rate, moment, gate)
    degrees = known(left.shape[1] - 1), known(right.shape[1] - 1)
    number = given[0].dtype.type
    _eligibility(*given, number(bound), *arrays(mixed, panels, sums, result), degrees, known(width))
    return result


def _factors(theta: Tensor) -> tuple[Tensor, Tensor]:
    """Split theta (k l) into few products: ``sum_kl theta_kl x^l r^k = sum_m (left[m] . x^l) (right[m] . r^k)``.

    One product for each power of the rate that takes part, or of the deviation where these are fewer.
    """
    k, l = ((theta != 0).any(n).nonzero()[:, 0] for n in (1, 0))
    if len(k) == 0:
        k = l = torch.zeros(1, dtype=torch.int64)
    if len(k) <= len(l):
        return theta[k], torch.eye(len(theta), dtype=theta.dtype)[k]
    return torch.eye(theta.shape[1], dtype=theta.dtype)[l], theta[:, l].mT


def move(
    tangent: Tensor, z: Tensor, e: Tensor, gate: Tensor, gate_tangent: Tensor, bound: float, decay: float
) -> Tensor:
    """Return the weight tangent after the trial; see `threefactor.kernels.sums.move`."""
    result = torch.empty_like(tangent, memory_format=torch.contiguous_format)
    given = arrays(tangent, z, e, gate, gate_tangent)
    number = given[0].dtype.type
    _move(*given, number(bound), number(1 - decay), *arrays(result))
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
    left, right, deviation, rate, moment, gate, bound, mixed, panels, sums, result, degrees, width
):
    batch, steps, units = rate.shape
    wide, pairs = len(sums), len(left)
    chunk = len(mixed) // pairs
    for b in range(batch):
        sums[:] = 0
        for first in range(0, steps, chunk):
            last = min(first + chunk, steps)
            for t in range(first, last):
                for m in range(pairs):
                    row = (t - first) * pairs + m
                    _horner(deviation[b, t], left[m], moment[t], mixed[row], degrees[0])
                    _horner_panels(rate[b, t], right[m], row, panels, degrees[1], width)
            for v in range(len(panels)):
                for i in range(0, wide, len(width)):
                    multiply_tile(
                        sums, i * wide + v * len(width), wide, mixed, i, 1, wide,
                        panels, v * chunk * pairs * len(width), len(width), (last - first) * pairs,
                        width, (0,), width,
                    )  # fmt: skip
        for i in range(units):
            found, total = result[b, i], sums[i]
            for j in range(units):
                found[j] = min(max(gate[b] * total[j], -bound), bound)


@fast
def _move(tangent, z, e, gate, gate_tangent, bound, keep, result):
    batch, count, units, _ = tangent.shape
    for b in range(batch):
        for p in range(count):
            for i in range(units):
                for j in range(units):
                    free = abs(gate[b] * e[b, i, j]) < bound
                    change = gate[b] * z[b, p, i, j] + gate_tangent[b, p] * e[b, i, j]
                    result[b, p, i, j] = keep * tangent[b, p, i, j] + (change if free else 0)
