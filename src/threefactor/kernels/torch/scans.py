"""The scans over time in plain PyTorch: any device, any precision, real or complex, differentiable."""

import torch
from torch import Tensor

from threefactor.kernels.activation import TANH
from threefactor.kernels.activation import rate as phi


def scan(
    weights: Tensor, drive: Tensor, start: Tensor, clamped: Tensor, leak: float, activation: str = TANH
) -> tuple[Tensor, Tensor]:
    """Run the state equation; see `threefactor.kernels.scans.scan`."""
    gain = _gain(clamped, leak, start)
    states, rates = [start], [phi(start, activation)]
    for driven in drive.unbind(1):
        recurrent = (weights @ rates[-1][..., None])[..., 0]
        states.append(states[-1] + gain * (recurrent + driven - states[-1]))
        rates.append(phi(states[-1], activation))
    return torch.stack(states, 1), torch.stack(rates, 1)


def tangent_scan(
    weights: Tensor, slope: Tensor, drive: Tensor, start: Tensor, clamped: Tensor, leak: float
) -> Tensor:
    """Run the state-tangent equation; see `threefactor.kernels.scans.tangent_scan`."""
    gain = _gain(clamped, leak, drive)
    transposed = weights.mT
    tangents = [start]
    for slope_now, driven in zip(slope.unbind(1), drive.unbind(1), strict=True):
        tangent = tangents[-1]
        recurrent = torch.baddbmm(driven, slope_now[:, None] * tangent, transposed)
        tangents.append(torch.addcmul(tangent, gain, recurrent - tangent))
    return torch.stack(tangents, 1)


def adjoint_scan(weights: Tensor, slope: Tensor, source: Tensor, clamped: Tensor, leak: float) -> Tensor:
    """Run the adjoint equation backwards; see `threefactor.kernels.scans.adjoint_scan`."""
    gain = _gain(clamped, leak, source)
    adjoints = [source[:, -1]]
    for t in range(source.shape[1] - 2, -1, -1):
        onto_change = gain * adjoints[-1]
        recurrent = (weights.mT @ onto_change[..., None])[..., 0]
        adjoints.append(adjoints[-1] - onto_change + slope[:, t] * recurrent + source[:, t])
    return torch.stack(adjoints[::-1], 1)


def trace_scan(values: Tensor, start: Tensor, decay: float) -> Tensor:
    """Run the trace equation; see `threefactor.kernels.scans.trace_scan`."""
    traces = [start]
    for value in values.unbind(1):
        traces.append(decay * traces[-1] + (1 - decay) * value)
    return torch.stack(traces, 1)


def deviation_scan(state: Tensor, start: Tensor, decay: float) -> tuple[Tensor, Tensor]:
    """Run trace and deviation; see `threefactor.kernels.scans.deviation_scan`."""
    trace = trace_scan(state[:, 1:], start, decay)
    return trace[:, :-1] - state[:, 1:], trace[:, -1]


def _gain(clamped: Tensor, leak: float, like: Tensor) -> Tensor:
    """Return the leak of each unit, zero where it is clamped; i."""
    return leak * (~clamped).to(like.dtype)
