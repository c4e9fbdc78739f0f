"""The scans over time compiled for the CPU by numba: one network after the other, its weights staying in the cache.

Names, arguments and results are those of `threefactor.kernels.scans`; real tensors on the CPU, no autograd. The state
tangents by themselves are PyTorch's: within a trial they come compiled with all that is made of them
(`threefactor.kernels.cpu.tangents`).
"""

# mypy: disable-error-code="no-untyped-def, call-arg"

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from threefactor.kernels.activation import TANH
from threefactor.kernels.cpu import memory
from threefactor.kernels.cpu.activation import code, rates
from threefactor.kernels.cpu.borrow import borrow
from threefactor.kernels.cpu.jit import fast
from threefactor.kernels.cpu.lanes import ROWS, known, lanes, multiply_tile, transpose_tile
from threefactor.kernels.torch.scans import tangent_scan as tangent_scan

memory.keep()


def scan(
    weights: Tensor, drive: Tensor, start: Tensor, clamped: Tensor, leak: float, activation: str = TANH
) -> tuple[Tensor, Tensor]:
    """Run the state equation; see `threefactor.kernels.scans.scan`."""
    batch, steps, units = drive.shape
    state = torch.empty(batch, steps + 1, units, dtype=drive.dtype)
    rate = torch.empty_like(state)
    state[:, 0] = start
    panels = _panels(units, drive)
    w, given, gain = arrays(weights, drive, unit_gain(clamped, leak, drive))
    _scan(w, given, gain, *arrays(state, rate), code(activation), *panels)
    return state, rate


def adjoint_scan(weights: Tensor, slope: Tensor, source: Tensor, clamped: Tensor, leak: float) -> Tensor:
    """Run the adjoint equation backwards; see `threefactor.kernels.scans.adjoint_scan`."""
    adjoint = source.clone(memory_format=torch.contiguous_format)
    panels = _panels(source.shape[2], source)
    w, slopes, gain = arrays(weights, slope, unit_gain(clamped, leak, source))
    _adjoint_scan(w, slopes, gain, *arrays(adjoint), *panels)
    return adjoint


def trace_scan(values: Tensor, start: Tensor, decay: float) -> Tensor:
    """Run the trace equation; see `threefactor.kernels.scans.trace_scan`."""
    batch, steps = values.shape[:2]
    trace = torch.empty(batch, steps + 1, start[0].numel(), dtype=values.dtype)
    trace[:, 0] = start.reshape(batch, -1)
    flat = values.reshape(batch, steps, -1)
    rows, result = arrays(flat, trace)
    _trace_scan(rows, rows.dtype.type(decay), result)
    return trace.view(batch, steps + 1, *values.shape[2:])


def deviation_scan(state: Tensor, start: Tensor, decay: float) -> tuple[Tensor, Tensor]:
    """Run trace and deviation; see `threefactor.kernels.scans.deviation_scan`."""
    batch, rows, units = state.shape
    deviation = torch.empty(batch, rows - 1, units, dtype=state.dtype)
    trace = start.clone(memory_format=torch.contiguous_format)
    (states,) = arrays(state)
    _deviation_scan(states, states.dtype.type(decay), *arrays(deviation, trace))
    return deviation, trace


class Panels(NamedTuple):
    """Scratch of a scan, and the sizes that its compiled code knows.

    Units are covered by passes of equally many vectors, so that the sums of a pass fit into registers.
    """

    panels: np.ndarray  # pass, k, v
    sums: np.ndarray  # all v
    vectors: tuple[int, ...]
    width: tuple[int, ...]


def _panels(units: int, like: Tensor) -> Panels:
    """Return the scratch for so many units."""
    width = lanes(like.numpy().dtype)
    passes = -(-units // (width * ROWS))
    vectors = -(-units // (width * passes))
    size = vectors * width
    blank = like.new_zeros(passes * units, size), like.new_zeros(passes * size)
    return Panels(blank[0].view(passes, units, size).numpy(), blank[1].numpy(), known(vectors), known(width))


def arrays(*tensors: Tensor) -> tuple[np.ndarray, ...]:
    """View tensors as contiguous arrays."""
    return tuple(x.detach().contiguous().numpy() for x in tensors)


def unit_gain(clamped: Tensor, leak: float, like: Tensor) -> Tensor:
    """Return the leak of each unit, zero where it is clamped; i."""
    return leak * (~clamped).to(like.dtype)


@fast
def pack(matrix, panels):
    """Copy a matrix into panels: pass, row, column."""
    passes, units, size = panels.shape
    for n in range(passes):
        first, last = n * size, min(n * size + size, units)
        for row in range(units):
            panels[n, row, : last - first] = matrix[row, first:last]


@fast
def pack_transposed(matrix, panels, width):
    """Copy the transpose of a matrix into panels: pass, column, row."""
    _, units, size = panels.shape
    whole = units - units % len(width)
    for row in range(0, whole, len(width)):
        for column in range(0, whole, len(width)):
            at = ((row // size) * units + column) * size + row % size
            transpose_tile(matrix, row * units + column, units, panels, at, size, width)
    for row in range(units):
        for column in range(whole if row < whole else 0, units):
            panels[row // size, column, row % size] = matrix[row, column]


@fast
def _multiply(panels, factors, at, odd, sums, vectors, width):
    """Add ``sum_k factors[k] panels[k, v]`` to each v; even and odd steps walk in opposite ways.

    Turning round finds the rows that were walked over last still in the nearest cache.
    """
    passes, units, size = panels.shape
    for n in range(passes):
        first, step = (n * units + units - 1, -1) if odd else (n * units, 1)
        start = at + units - 1 if odd else at
        multiply_tile(
            sums, n * size, 0, factors, start, 0, step, panels, first * size, step * size, units,
            (0,), vectors, width,
        )  # fmt: skip


@fast
def _scan(weights, drive, gain, state, rate, phi, panels, sums, vectors, width):
    weights, drive, state, rate = borrow((weights, drive, state, rate))
    batch, steps, units = drive.shape
    for b in range(batch):
        pack_transposed(weights[b], panels, width)
        rates(state[b, 0], rate[b, 0], phi)
        for t in range(steps):
            now, new, given, fresh = state[b, t], state[b, t + 1], drive[b, t], rate[b, t + 1]
            for i in range(units):
                sums[i] = given[i]
            _multiply(panels, rate, (b * (steps + 1) + t) * units, t % 2, sums, vectors, width)
            for i in range(units):
                sums[i] = now[i] + gain[i] * (sums[i] - now[i])
            for i in range(units):
                new[i] = sums[i]
            rates(sums, fresh, phi)


@fast
def _adjoint_scan(weights, slope, gain, adjoint, panels, sums, vectors, width):
    weights, adjoint = borrow((weights, adjoint))
    batch, rows, units = adjoint.shape
    onto_change = np.empty(units, adjoint.dtype)
    for b in range(batch):
        pack(weights[b], panels)
        for t in range(rows - 2, -1, -1):
            later, now = adjoint[b, t + 1], adjoint[b, t]
            sums[:] = 0
            for i in range(units):
                onto_change[i] = gain[i] * later[i]
            _multiply(panels, onto_change, 0, t % 2, sums, vectors, width)
            for j in range(units):
                now[j] += later[j] - onto_change[j] + slope[b, t, j] * sums[j]


@fast
def _trace_scan(values, decay, trace):
    batch, steps, size = values.shape
    fresh = values.dtype.type(1) - decay
    for b in range(batch):
        for t in range(steps):
            for n in range(size):
                trace[b, t + 1, n] = decay * trace[b, t, n] + fresh * values[b, t, n]


@fast
def _deviation_scan(state, decay, deviation, trace):
    state, deviation, trace = borrow((state, deviation, trace))
    batch, steps, units = deviation.shape
    fresh = state.dtype.type(1) - decay
    for b in range(batch):
        old = trace[b]
        for t in range(steps):
            new, result = state[b, t + 1], deviation[b, t]
            for i in range(units):
                result[i] = old[i] - new[i]
                old[i] = decay * old[i] + fresh * new[i]
