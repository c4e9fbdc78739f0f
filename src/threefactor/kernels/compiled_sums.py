"""Sums over the time of a trial compiled for the CPU by numba: the eligibility, and the move of the weight tangent."""

import torch
from numba import njit
from torch import Tensor

from threefactor.kernels.compiled import arrays
from threefactor.kernels.jit import FAST
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
    scratch = (
        theta.new_zeros(chunk * pairs, wide),
        theta.new_zeros(vectors, chunk * pairs, width),
        theta.new_zeros(left.shape[1], wide),
        theta.new_zeros(right.shape[1] + 1, wide),  # and a row for their sum
        theta.new_zeros(wide, wide),
    )
    result = torch.empty(batch, units, units, dtype=theta.dtype)
    given = arrays(left, right, deviation, rate, moment, gate)
    number = given[0].dtype.type
    _eligibility(*given, number(bound), *arrays(*scratch, result), known(width))
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


@njit(**FAST)
def climb(x, ladder):  # type: ignore[no-untyped-def]
    """Fill each row of the ladder with the one before times x."""
    for n in range(1, len(ladder)):
        for i in range(len(x)):
            ladder[n, i] = ladder[n - 1, i] * x[i]


@njit(**FAST)
def _combine(coefficients, ladder, result):  # type: ignore[no-untyped-def]
    """Write the sum of the rungs times their coefficients."""
    for i in range(len(result)):
        result[i] = 0
    for n in range(len(coefficients)):
        if coefficients[n] != 0:
            for i in range(len(result)):
                result[i] += coefficients[n] * ladder[n, i]


@njit(**FAST)
def _prepare(left, right, deviation, rate, moment, row, mixed, panels, post, pre):  # type: ignore[no-untyped-def]
    """Write the factors of one step, from `row` on."""
    width = panels.shape[2]
    for i in range(len(rate)):
        post[0, i], pre[0, i] = moment[i], 1
    climb(deviation, post)
    climb(rate, pre)
    for m in range(len(left)):
        _combine(left[m], post, mixed[row + m])
        _combine(right[m], pre, pre[-1])
        for v in range(len(panels)):
            for n in range(width):
                panels[v, row + m, n] = pre[-1, v * width + n]


@njit(**FAST)
def _eligibility(
    left, right, deviation, rate, moment, gate, bound, mixed, panels, post, pre, sums, result, width
):  # type: ignore[no-untyped-def]
    batch, steps, units = rate.shape
    wide, pairs = len(sums), len(left)
    chunk = len(mixed) // pairs
    for b in range(batch):
        sums[:] = 0
        for first in range(0, steps, chunk):
            last = min(first + chunk, steps)
            for t in range(first, last):
                row = (t - first) * pairs
                _prepare(left, right, deviation[b, t], rate[b, t], moment[t], row, mixed, panels, post, pre)
            for v in range(len(panels)):
                for i in range(0, wide, len(width)):
                    multiply_tile(
                        sums, i * wide + v * len(width), wide, mixed, i, 1, wide,
                        panels, v * chunk * pairs * len(width), len(width), (last - first) * pairs,
                        width, (0,), width,
                    )  # fmt: skip
        for i in range(units):
            for j in range(units):
                result[b, i, j] = min(max(gate[b] * sums[i, j], -bound), bound)


@njit(**FAST)
def _move(tangent, z, e, gate, gate_tangent, bound, keep, result):  # type: ignore[no-untyped-def]
    batch, count, units, _ = tangent.shape
    for b in range(batch):
        for p in range(count):
            for i in range(units):
                for j in range(units):
                    free = abs(gate[b] * e[b, i, j]) < bound
                    change = gate[b] * z[b, p, i, j] + gate_tangent[b, p] * e[b, i, j]
                    result[b, p, i, j] = keep * tangent[b, p, i, j] + (change if free else 0)
