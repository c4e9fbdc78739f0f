"""The vjp of the eligibility, compiled for the CPU by numba: one network after the other, some steps at a time.

All is written for ``e = sum_t w sum_kl theta_kl x^l outer y^k`` and grouped by the powers k of y. Where fewer powers
of the deviation take part, y is the deviation, and theta and A come transposed. For some steps at a time,

    C_k = w sum_l theta_kl x^l      H_k = y^k A^T      dL/dy = sum_k k y^(k-1) (C_k A)
    dL/dtheta_kl = <w x^l, H_k>     dL/dx = sum_k H_k w sum_l theta_kl l x^(l-1)

so that each power above zero takes two matrix products, and what they leave is used while it is in cache.
"""

# mypy: disable-error-code="no-untyped-def, call-arg"

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from threefactor.kernels.cpu import rows
from threefactor.kernels.cpu.borrow import borrow
from threefactor.kernels.cpu.jit import fast
from threefactor.kernels.cpu.lanes import ROWS, known, lanes, multiply_tile
from threefactor.kernels.cpu.scans import arrays, pack, pack_transposed
from threefactor.kernels.linearised import Terms
from threefactor.kernels.torch.eligibility_sums import active
from threefactor.kernels.torch.eligibility_vjp import Cotangents

_ROWS = known(ROWS)
BLOCK = 512  # numbers of an array that are worked on at a time, so that those of all powers are near


class Scratch(NamedTuple):
    """Where some steps of one network are worked out; n counts the padded units of all of them."""

    panels: np.ndarray  # v i w, A
    transposed: np.ndarray  # v j w, A^T
    x: np.ndarray  # n
    ladder: np.ndarray  # l n, w x^l
    powers: np.ndarray  # k n, y^k
    mixed: np.ndarray  # k n, C_k
    onto_y: np.ndarray  # k n, C_k A
    onto_power: np.ndarray  # k n, H_k, that of k = 0 behind all others
    dx: np.ndarray  # n
    dy: np.ndarray  # n


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
    grid = active(theta, terms)
    if len({l for _, l in grid if l > 0}) < len({k for k, _ in grid if k > 0}):
        turned = tuple((l, k) for k, l in terms)
        cotangents = _vjp(theta.mT, turned, rate, deviation, weight, gate, adjoint.mT)
        return cotangents._replace(deviation=cotangents.rate, rate=cotangents.deviation)
    return _vjp(theta, terms, deviation, rate, weight, gate, adjoint)


def _vjp(
    theta: Tensor, terms: Terms, x: Tensor, y: Tensor, weight: Tensor, gate: Tensor, adjoint: Tensor
) -> Cotangents:
    """Take it back, x standing for the deviation and y for the rate."""
    grid = active(theta, terms)
    ks = sorted({k for k, _ in grid}, reverse=True)
    degree = max(l for _, l in grid)
    coefficients = theta[ks, : degree + 1].detach()
    scratch, width = _scratch(x, ks, degree)
    onto_theta = x.new_zeros(len(x), len(ks), degree + 1)
    dx, dy = (torch.empty_like(x, memory_format=torch.contiguous_format) for _ in range(2))
    given = arrays(coefficients, x, y, weight, gate, adjoint)
    sizes = known(degree), known(width)
    powers = np.array(ks), np.array(sorted({l for _, l in grid})), sum(k > 0 for k in ks)
    _vjp_all(*powers, *given, *arrays(onto_theta, dx, dy), scratch, *sizes)
    size = (coefficients * onto_theta).sum((1, 2))
    chosen = torch.stack([onto_theta[:, ks.index(k), l] for k, l in terms], 1)
    return Cotangents(gate[:, None] * chosen, size, dx, dy)


def _scratch(x: Tensor, ks: list[int], degree: int) -> tuple[Scratch, int]:
    """Return scratch, zero but for the power 0 of the ladders, and the width of a vector."""
    width, units = lanes(x.numpy().dtype), x.shape[2]
    vectors, above = -(-units // width), sum(k > 0 for k in ks)
    n = ROWS * vectors * width
    powers = max(1, *ks) + 1  # 1 is where y itself stands
    panels, counts = [(vectors, units, width)] * 2, [degree + 1, powers, above, above, len(ks)]
    shapes = [*panels, (n,), *((count, n) for count in counts), (n,), (n,)]
    scratch = Scratch(*(x.new_zeros(shape).numpy() for shape in shapes))
    scratch.powers[0] = 1
    return scratch, width


@fast
def _vjp_all(ks, ls, above, theta, x, y, weight, gate, adjoint, onto_theta, dx, dy, scratch, degree, width):
    x, y, adjoint, onto_theta, dx, dy, scratch = borrow((x, y, adjoint, onto_theta, dx, dy, scratch))
    batch, steps, _ = x.shape
    wide = scratch.panels.shape[0] * len(width)
    by_x, by_y = np.empty_like(theta), np.empty_like(theta)
    for b in range(batch):
        pack(adjoint[b], scratch.panels)
        pack_transposed(adjoint[b], scratch.transposed, width)
        _sum_rows(scratch, wide)
        for m, l in np.ndindex(theta.shape):
            by_y[m, l], by_x[m, l] = gate[b] * ks[m] * theta[m, l], gate[b] * l * theta[m, l]
        for first in range(0, steps, len(_ROWS)):
            count = min(len(_ROWS), steps - first)
            _take(x[b], y[b], weight, first, count, wide, scratch)
            _powers(by_y, scratch, degree, above)
            _products(ks, scratch, wide, above, width)
            _gather(ks, ls, by_x, onto_theta[b], scratch, degree, above)
            for r in range(count):
                rows.scaled(scratch.dx[r * wide :], weight[first + r], dx[b, first + r])
                rows.scaled(scratch.dy[r * wide :], weight.dtype.type(1), dy[b, first + r])


@fast
def _sum_rows(scratch, wide):
    """Write H_0, the row sums of A, for every step; without a power of zero, another one is written over it."""
    last = scratch.onto_power[-1]
    last[:wide] = 0
    for v, j, n in np.ndindex(scratch.transposed.shape):
        last[v * scratch.transposed.shape[2] + n] += scratch.transposed[v, j, n]
    for n in range(wide, len(last)):
        last[n] = last[n - wide]


@fast
def _take(x, y, weight, first, count, wide, scratch):
    """Copy some steps into the scratch, and zeros where there are no more."""
    units, one = x.shape[1], weight.dtype.type(1)
    for r in range(len(scratch.x) // wide):
        at = r * wide
        if r < count:
            scratch.ladder[0, at : at + wide] = weight[first + r]
            rows.scaled(x[first + r], one, scratch.x[at : at + units])
            rows.scaled(y[first + r], one, scratch.powers[1, at : at + units])
        else:
            scratch.ladder[0, at : at + wide] = 0
            scratch.x[at : at + wide] = 0
            scratch.powers[1, at : at + wide] = 0


@fast
def _powers(theta, scratch, degree, above):
    """Write the powers of x and y, and C_k."""
    n = len(scratch.x)
    for start in range(0, n, BLOCK):
        end = min(start + BLOCK, n)
        x, y = scratch.x[start:end], scratch.powers[1, start:end]
        for l in range(len(degree)):
            rows.times(scratch.ladder[l, start:end], x, scratch.ladder[l + 1, start:end])
        for k in range(2, len(scratch.powers)):
            rows.times(scratch.powers[k - 1, start:end], y, scratch.powers[k, start:end])
        for m in range(above):
            rows.polynomial(x, theta[m], scratch.ladder[0, start:end], scratch.mixed[m, start:end], degree)


@fast
def _products(ks, scratch, wide, above, width):
    """Write C_k A and H_k = y^k A^T for the powers above zero."""
    w = len(width)
    vectors, units, _ = scratch.panels.shape
    n = len(scratch.x)
    scratch.onto_y[:] = 0
    scratch.onto_power[:above] = 0
    for v in range(vectors):
        for m in range(above):
            multiply_tile(
                scratch.onto_y, m * n + v * w, wide, scratch.mixed, m * n, wide, 1,
                scratch.panels, v * units * w, w, units, _ROWS, (0,), width,
            )  # fmt: skip
        for m in range(above):
            multiply_tile(
                scratch.onto_power, m * n + v * w, wide, scratch.powers, ks[m] * n, wide, 1,
                scratch.transposed, v * units * w, w, units, _ROWS, (0,), width,
            )  # fmt: skip


@fast
def _gather(ks, ls, theta, onto_theta, scratch, degree, above):
    """Add to dL/dtheta, and write dL/dx, but for the weight of the step, and dL/dy."""
    n = len(scratch.x)
    for start in range(0, n, BLOCK):
        end = min(start + BLOCK, n)
        x, dx, dy = scratch.x[start:end], scratch.dx[start:end], scratch.dy[start:end]
        dx[:] = 0
        dy[:] = 0
        for m in range(len(ks)):
            h = scratch.onto_power[m, start:end]
            for l in ls:
                onto_theta[m, l] += rows.dot(h, scratch.ladder[l, start:end])
            rows.add_slope(x, theta[m], h, dx, degree)
        for m in range(above):
            rows.add_times(scratch.onto_y[m, start:end], scratch.powers[ks[m] - 1, start:end], dy)
