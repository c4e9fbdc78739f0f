"""The tangents of a trial compiled for the CPU by numba: one network after the other, some steps at a time.

Beside `threefactor.kernels.torch.sums` it keeps no state tangent but the latest, and sums the two indirect terms of the
eligibility tangent in another order. With ``A[t, i, j] = d e / d deviation`` and ``B[t, i, j] = d e / d rate`` of one
synapse and step,

    z[p, i, j] = sum_t deviation^l rate^k + deviation_tangent[t, p, i] A[t, i, j] + rate_tangent[t, p, j] B[t, i, j]

where A and B are made in registers, once for as many p as a tile holds: 3 multiply-adds a coefficient, whatever the
degree, and few for A and B, where matrix products over time need one more a coefficient for every power.
"""

# mypy: disable-error-code="no-untyped-def, call-arg"

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from threefactor.kernels.cpu.jit import fast
from threefactor.kernels.cpu.lanes import ROWS, known, lanes, multiply_tile, rank_two_tile, transpose_tile
from threefactor.kernels.cpu.scans import arrays, pack_transposed, unit_gain
from threefactor.kernels.linearised import LinearisedTrial, Terms
from threefactor.kernels.torch.sums import active

NEAR = 24_000  # bytes of the nearest cache for what every postsynaptic unit reads
_ROWS = known(ROWS)
CHUNK = 160_000  # numbers of the drive that are made at a time


class Scratch(NamedTuple):
    """Where one network's tangents are worked out; v vectors of w units, P coefficients padded to whole tiles."""

    panels: np.ndarray  # v j w, transposed weights
    tangent_panels: np.ndarray  # p v j w, transposed weight tangents
    rates: np.ndarray  # t j, padded
    drive: np.ndarray  # t P vw, of one chunk
    state: np.ndarray  # P vw, chi
    trace: np.ndarray  # P vw, psi
    rate: np.ndarray  # P vw, q
    post: np.ndarray  # m vw, of one step: deviation tangents of P, then coefficients of A and of B
    post_slice: np.ndarray  # vw s m, the same for the steps of a slice
    pre_slice: np.ndarray  # v s m w: q of P, then the powers of the rate in A and in B
    powers: np.ndarray  # s l vw, w deviation^l
    post_ladder: np.ndarray  # l vw, w deviation^l of one step
    pre_ladder: np.ndarray  # k vw, rate^k of one step
    z: np.ndarray  # v vw P w


class Grid(NamedTuple):
    """The polynomial: powers that take part, their coefficients, and which of them carry tangents."""

    rate_powers: np.ndarray  # k
    deviation_powers: np.ndarray  # l
    theta: np.ndarray  # k l
    terms: np.ndarray  # p 2, places in the two lists


def through_trial(
    theta: Tensor,
    terms: Terms,
    linearised: LinearisedTrial,
    weights: Tensor,
    clamped: Tensor,
    leak: float,
    trace_decay: float,
    weight_tangent: Tensor,
    trace_tangent: Tensor,
) -> tuple[Tensor, Tensor, Tensor]:
    """Return z, rho and psi; see `threefactor.kernels.sums.through_trial`."""
    polynomial = _grid(theta, terms)
    batch, count, units = trace_tangent.shape
    z = torch.empty(batch, count, units, units, dtype=weights.dtype)
    rho, psi = (
        torch.zeros(batch, count, dtype=weights.dtype),
        trace_tangent.clone(memory_format=torch.contiguous_format),
    )
    ahead, back = len(polynomial.rate_powers), int((polynomial.rate_powers > 0).sum())
    blocks = -(-count // ROWS)
    rows, width = -(-count // blocks), lanes(polynomial.theta.dtype)
    scratch = _scratch(linearised.rate, rows, rows * blocks, count, polynomial, ahead + back, width)
    given = arrays(weights, weight_tangent, *linearised[:5])
    gain, *results = arrays(unit_gain(clamped, leak, weights), psi, rho, z)
    sizes = (known(n) for n in (rows, ahead, back, width))
    _trial(polynomial, *given, gain, given[0].dtype.type(trace_decay), *results, scratch, *sizes)
    return z, rho, psi


def _grid(theta: Tensor, terms: Terms) -> Grid:
    """Return the polynomial as arrays; powers in falling order, so that those of zero stand last."""
    grid = active(theta, terms)
    ks, ls = (sorted({pair[n] for pair in grid}, reverse=True) for n in (0, 1))
    places = np.array([(ks.index(k), ls.index(l)) for k, l in terms])
    return Grid(np.array(ks), np.array(ls), theta[ks][:, ls].detach().numpy(), places)


def _scratch(
    rate: Tensor, rows: int, coefficients: int, count: int, polynomial: Grid, mixed: int, width: int
) -> Scratch:
    """Return scratch, zero but for the power 0 of the rate.

    The drive is made for `chunk` steps at a time; z takes them up in slices of so many that what every postsynaptic unit
    reads of a slice stays in the nearest cache.
    """
    _, steps, units = rate.shape
    vectors = -(-units // width)
    wide, entries = vectors * width, coefficients + mixed
    chunk = max(1, CHUNK // (coefficients * wide * ROWS)) * ROWS
    longest = max(4, NEAR // ((rows + mixed) * width * rate.element_size()))
    part = min(chunk, steps)
    slice_steps = -(-part // -(-part // longest))
    shapes = {
        "panels": (vectors, units, width),
        "tangent_panels": (count, vectors, units, width),
        "rates": (steps + chunk, units),
        "drive": (chunk, coefficients, wide),
        "state": (coefficients, wide),
        "trace": (coefficients, wide),
        "rate": (coefficients, wide),
        "post": (-(-entries // width) * width, wide),
        "post_slice": (wide, slice_steps, -(-entries // width) * width),
        "pre_slice": (vectors, slice_steps, entries, width),
        "powers": (slice_steps, len(polynomial.deviation_powers), wide),
        "post_ladder": (int(polynomial.deviation_powers.max()) + 1, wide),
        "pre_ladder": (int(polynomial.rate_powers.max()) + 1, wide),
        "z": (vectors, wide, coefficients, width),
    }
    scratch = Scratch(**{name: rate.new_zeros(shape).numpy() for name, shape in shapes.items()})
    scratch.pre_ladder[0] = 1
    return scratch


@fast
def _trial(
    grid,
    weights,
    tangent,
    rate,
    slope,
    deviation,
    step_weight,
    readout,
    gain,
    decay,
    psi,
    rho,
    z,
    scratch,
    rows,
    ahead,
    back,
    width,
):
    """Take the tangents of one network after the other through the steps of a trial."""
    batch, steps, units = rate.shape
    count, chunk, slices = psi.shape[1], scratch.drive.shape[0], scratch.powers.shape[0]
    for b in range(batch):
        pack_transposed(weights[b], scratch.panels, width)
        for p in range(count):
            pack_transposed(tangent[b, p], scratch.tangent_panels[p], width)
            scratch.trace[p, :units] = psi[b, p]
        scratch.rates[:steps] = rate[b]
        scratch.state[:] = 0
        scratch.z[:] = 0
        for t in range(steps):
            if t % chunk == 0:
                _feed(t, scratch, width)
            s = t % chunk % slices
            _advance(t % chunk, slope[b, t], scratch, rows, width)
            _follow(t % chunk, gain, decay, readout[b, t] * slope[b, t + 1], rho[b], scratch)
            _mix(grid, rate[b, t], deviation[b, t], step_weight[t], s, scratch, width)
            _turn(s, scratch, width)
            if s == slices - 1 or t % chunk == chunk - 1 or t == steps - 1:
                _gather(grid.terms, s + 1, units, scratch, rows, ahead, back, width)
        psi[b] = scratch.trace[:count, :units]
        _unpack(scratch.z, z[b])


@fast
def _feed(first, scratch, width):
    """Write the drive ``U r[t]`` of a chunk of steps."""
    w = len(width)
    count, vectors, units, _ = scratch.tangent_panels.shape
    chunk, coefficients, wide = scratch.drive.shape
    scratch.drive[:] = 0
    for p in range(count):
        for v in range(vectors):
            panel = (p * vectors + v) * units * w
            for t in range(0, min(chunk, len(scratch.rates) - chunk - first), ROWS):
                at = (t * coefficients + p) * wide + v * w
                multiply_tile(
                    scratch.drive, at, coefficients * wide, scratch.rates, (first + t) * units, units, 1,
                    scratch.tangent_panels, panel, w, units, _ROWS, (0,), width,
                )  # fmt: skip


@fast
def _advance(t, slope, scratch, rows, width):
    """Write the rate tangent ``q = slope chi`` of a step, and add ``W q`` to its drive."""
    w = len(width)
    vectors, units, _ = scratch.panels.shape
    coefficients, wide = scratch.state.shape
    for p in range(coefficients):
        for j in range(units):
            scratch.rate[p, j] = slope[j] * scratch.state[p, j]
    for v in range(vectors):
        for p in range(0, coefficients, len(rows)):
            multiply_tile(
                scratch.drive, (t * coefficients + p) * wide + v * w, wide, scratch.rate, p * wide, wide, 1,
                scratch.panels, v * units * w, w, units, rows, (0,), width,
            )  # fmt: skip


@fast
def _follow(t, gain, decay, readout, rho, scratch):
    """Move chi and psi on by a step; add to rho; write the deviation tangent ``psi - chi``."""
    fresh = scratch.state.dtype.type(1) - decay
    for p in range(len(rho)):
        chi, psi, drive, post = scratch.state[p], scratch.trace[p], scratch.drive[t, p], scratch.post[p]
        total = scratch.state.dtype.type(0)
        for i in range(len(gain)):
            new = chi[i] + gain[i] * (drive[i] - chi[i])
            post[i] = psi[i] - new
            psi[i] = decay * psi[i] + fresh * new
            chi[i] = new
            total += readout[i] * new
        rho[p] += total


@fast
def _spread(row, s, m, slices, width):
    """Write a row as an entry of a step, vector by vector."""
    for v in range(len(slices)):
        for n in range(len(width)):
            slices[v, s, m, n] = row[v * len(width) + n]


@fast
def _mix(grid, rate, deviation, step_weight, s, scratch, width):
    """Write what a step brings to A and B, and the powers of its direct term."""
    coefficients, units, ahead = scratch.state.shape[0], len(rate), len(grid.rate_powers)
    back = scratch.pre_slice.shape[2] - coefficients - ahead
    post, pre = scratch.post_ladder, scratch.pre_ladder
    for i in range(units):
        post[0, i] = step_weight[i]
    _fill_powers(deviation, post)
    _fill_powers(rate, pre)
    for n in range(len(grid.deviation_powers)):
        l = grid.deviation_powers[n]
        for i in range(units):
            scratch.powers[s, n, i] = post[l, i]
    for m in range(ahead):
        _combine(grid.theta[m], grid.deviation_powers, True, 1, post, scratch.post[coefficients + m])
    for m in range(back):
        entry, k = scratch.post[coefficients + ahead + m], grid.rate_powers[m]
        _combine(grid.theta[m], grid.deviation_powers, False, k, post, entry)
    for m in range(coefficients):
        _spread(scratch.rate[m], s, m, scratch.pre_slice, width)
    for m in range(ahead):
        _spread(pre[grid.rate_powers[m]], s, coefficients + m, scratch.pre_slice, width)
    for m in range(back):
        _spread(pre[grid.rate_powers[m] - 1], s, coefficients + ahead + m, scratch.pre_slice, width)


@fast
def _fill_powers(x, ladder):
    """Fill each row of the ladder with the one before times x."""
    for n in range(1, len(ladder)):
        below, above = ladder[n - 1], ladder[n]
        for i in range(len(x)):
            above[i] = below[i] * x[i]


@fast
def _combine(theta, powers, slope, factor, ladder, result):
    """Write ``factor sum_n theta_n x^power_n``, or with the slopes ``power_n x^(power_n - 1)``, from the ladder."""
    units = ladder.shape[1]
    for i in range(units):
        result[i] = 0
    for n in range(len(powers)):
        if powers[n] > 0 or not slope:
            row = ladder[powers[n] - 1 if slope else powers[n]]
            coefficient = theta[n] * theta.dtype.type(factor * (powers[n] if slope else 1))
            for i in range(units):
                result[i] += coefficient * row[i]


@fast
def _turn(s, scratch, width):
    """Transpose a step's postsynaptic entries into those of the slice."""
    w = len(width)
    wide, slices, entries = scratch.post_slice.shape
    for m in range(0, entries, w):
        for i in range(0, wide, w):
            at = (i * slices + s) * entries + m
            transpose_tile(scratch.post, m * wide + i, wide, scratch.post_slice, at, slices * entries, width)


@fast
def _gather(terms, steps, units, scratch, rows, ahead, back, width):
    """Add the steps of a slice to z."""
    w = len(width)
    vectors, wide, coefficients, _ = scratch.z.shape
    slices, powers, _ = scratch.powers.shape
    post_size, pre_size = scratch.post_slice.shape[2], scratch.pre_slice.shape[2]
    for v in range(vectors):
        pre = v * slices * pre_size * w
        for p in range(len(terms)):
            k, l = terms[p]
            for i in range(0, wide, w):
                multiply_tile(
                    scratch.z, ((v * wide + i) * coefficients + p) * w, coefficients * w,
                    scratch.powers, l * wide + i, 1, powers * wide,
                    scratch.pre_slice, pre + (coefficients + k) * w, pre_size * w, steps, width, (0,), width,
                )  # fmt: skip
        for p in range(0, coefficients, len(rows)):
            for i in range(units):
                rank_two_tile(
                    scratch.z, ((v * wide + i) * coefficients + p) * w,
                    scratch.post_slice, i * slices * post_size, scratch.pre_slice, pre,
                    post_size, pre_size, p, coefficients, steps, rows, ahead, back, width,
                )  # fmt: skip


@fast
def _unpack(z, result):
    """Copy z from tiles (v i p w) to p i j."""
    count, units, _ = result.shape
    vectors, width = z.shape[0], z.shape[3]
    for p in range(count):
        for i in range(units):
            for v in range(vectors):
                last = min(units, v * width + width)
                result[p, i, v * width : last] = z[v, i, p, : last - v * width]
