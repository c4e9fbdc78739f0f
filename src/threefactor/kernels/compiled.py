"""The scans over time compiled for the CPU by numba: one network after the other, its weights staying in the cache.

Same names, arguments and results as `threefactor.kernels.reference`; real tensors on the CPU, no autograd.
"""

import math

import numpy as np
import torch
from numba import njit, types
from numba.extending import overload
from torch import Tensor

# Sums may be reordered and fused; NaN and inf keep their meaning.
FAST = {"contract", "reassoc", "nsz"}

# Rational approximation of tanh, within 3 units in the last place of float32 (as in Eigen's ptanh).
_EDGE = np.float32(7.90531110763549805)
_ODD = tuple(
    np.float32(c)
    for c in (
        4.89352455891786e-03,
        6.37261928875436e-04,
        1.48572235717979e-05,
        5.12229709037114e-08,
        -8.60467152213735e-11,
        2.00018790482477e-13,
        -2.76076847742355e-16,
    )
)
_EVEN = tuple(
    np.float32(c)
    for c in (4.89352518554385e-03, 2.26843463243900e-03, 1.18534705686654e-04, 1.19825839466702e-06)
)


def scan(
    weights: Tensor, drive: Tensor, start: Tensor, clamped: Tensor, leak: float
) -> tuple[Tensor, Tensor]:
    """Run the state equation; see `threefactor.kernels.scans.scan`."""
    state = torch.empty(drive.shape[0], drive.shape[1] + 1, drive.shape[2], dtype=drive.dtype)
    rate = torch.empty_like(state)
    state[:, 0] = start
    w, given, gain = _arrays(weights, drive, _gain(clamped, leak, drive))
    _scan(w, given, gain, *_arrays(state, rate))
    return state, rate


def adjoint_scan(weights: Tensor, slope: Tensor, source: Tensor, clamped: Tensor, leak: float) -> Tensor:
    """Run the adjoint equation backwards; see `threefactor.kernels.scans.adjoint_scan`."""
    adjoint = source.clone(memory_format=torch.contiguous_format)
    w, slopes, gain, result = _arrays(weights, slope, _gain(clamped, leak, source), adjoint)
    _adjoint_scan(w, slopes, gain, result)
    return adjoint


def trace_scan(values: Tensor, start: Tensor, decay: float) -> Tensor:
    """Run the trace equation; see `threefactor.kernels.scans.trace_scan`."""
    batch, steps = values.shape[:2]
    trace = torch.empty(batch, steps + 1, start[0].numel(), dtype=values.dtype)
    trace[:, 0] = start.reshape(batch, -1)
    flat = values.reshape(batch, steps, -1)
    rows, result = _arrays(flat, trace)
    _trace_scan(rows, rows.dtype.type(decay), result)
    return trace.view(batch, steps + 1, *values.shape[2:])


def _arrays(*tensors: Tensor) -> tuple[np.ndarray, ...]:
    """View tensors as contiguous arrays."""
    return tuple(x.detach().contiguous().numpy() for x in tensors)


def _gain(clamped: Tensor, leak: float, like: Tensor) -> Tensor:
    """Return the leak of each unit, zero where it is clamped; i."""
    return leak * (~clamped).to(like.dtype)


def _tanh(x: float) -> float:
    raise NotImplementedError  # compiled only


@overload(_tanh, inline="always")
def _tanh_of(x):  # type: ignore[no-untyped-def]
    if x == types.float32:
        return _tanh_single
    return lambda x: math.tanh(x)


def _tanh_single(x):  # type: ignore[no-untyped-def]
    """Return tanh of a float32 by a quotient of polynomials, which the compiler turns into vectors."""
    y = _EDGE if x > _EDGE else x
    y = -_EDGE if y < -_EDGE else y
    s = y * y
    p = _ODD[0] + s * (_ODD[1] + s * (_ODD[2] + s * (_ODD[3] + s * (_ODD[4] + s * (_ODD[5] + s * _ODD[6])))))
    q = _EVEN[0] + s * (_EVEN[1] + s * (_EVEN[2] + s * _EVEN[3]))
    return y * p / q


@njit(fastmath=FAST, cache=True)
def _scan(weights, drive, gain, state, rate):  # type: ignore[no-untyped-def]
    batch, steps, units = drive.shape
    for b in range(batch):
        w = weights[b]
        for j in range(units):
            rate[b, 0, j] = _tanh(state[b, 0, j])
        for t in range(steps):
            now, new, r = state[b, t], state[b, t + 1], rate[b, t]
            for i in range(units):
                total = drive[b, t, i]
                for j in range(units):
                    total += w[i, j] * r[j]
                new[i] = now[i] + gain[i] * (total - now[i])
            for i in range(units):
                rate[b, t + 1, i] = _tanh(new[i])


@njit(fastmath=FAST, cache=True)
def _adjoint_scan(weights, slope, gain, adjoint):  # type: ignore[no-untyped-def]
    batch, rows, units = adjoint.shape
    pushed, total = np.empty(units, adjoint.dtype), np.empty(units, adjoint.dtype)
    for b in range(batch):
        w = weights[b]
        for t in range(rows - 2, -1, -1):
            later, now = adjoint[b, t + 1], adjoint[b, t]
            total[:] = 0
            for i in range(units):
                pushed[i] = gain[i] * later[i]
            for i in range(units):
                for j in range(units):
                    total[j] += w[i, j] * pushed[i]
            for j in range(units):
                now[j] += later[j] - pushed[j] + slope[b, t, j] * total[j]


@njit(fastmath=FAST, cache=True)
def _trace_scan(values, decay, trace):  # type: ignore[no-untyped-def]
    batch, steps, size = values.shape
    fresh = values.dtype.type(1) - decay
    for b in range(batch):
        for t in range(steps):
            for n in range(size):
                trace[b, t + 1, n] = decay * trace[b, t, n] + fresh * values[b, t, n]
