"""The scans over time on a GPU: persistent kernels where they fit, CUDA graphs of the PyTorch scans elsewhere.

Same names, arguments and results as `threefactor.kernels.torch.scans`; no autograd. The kernels take float32 and as many
units as a multiprocessor holds the weights of (`threefactor.kernels.cuda.plan`). One block runs one network, so the
device is full from as many networks on as it has multiprocessors.
"""

from collections.abc import Callable

import torch
from torch import Tensor

from threefactor.kernels.activation import TANH
from threefactor.kernels.cuda import graphs, plan
from threefactor.kernels.cuda.device import current
from threefactor.kernels.cuda.launch import aligned
from threefactor.kernels.cuda.plan import Plan


def scan(
    weights: Tensor, drive: Tensor, start: Tensor, clamped: Tensor, leak: float, activation: str = TANH
) -> tuple[Tensor, Tensor]:
    """Run the state equation; see `threefactor.kernels.scans.scan`."""
    batch, steps, units = drive.shape
    layout = _layout(plan.scan, (weights, drive, start), (units,))
    if layout is None:
        return graphs.scan(weights, drive, start, clamped, leak, activation)
    layout = plan.of_activation(layout, activation)
    state, rate = drive.new_empty(2, batch, steps + 1, units)
    state[:, 0] = start
    given = aligned(weights), aligned(drive), _gain(clamped, leak, drive)
    current().launch(layout, "scan", (batch, 1), *given, state, rate, steps)
    return state, rate


def tangent_scan(
    weights: Tensor, slope: Tensor, drive: Tensor, start: Tensor, clamped: Tensor, leak: float
) -> Tensor:
    """Run the state-tangent equation; see `threefactor.kernels.scans.tangent_scan`."""
    batch, steps, count, units = drive.shape
    layout = _layout(plan.tangent_scan, (weights, slope, drive, start), (units, count))
    if layout is None:
        return graphs.tangent_scan(weights, slope, drive, start, clamped, leak)
    tangent = drive.new_empty(batch, steps + 1, count, units)
    tangent[:, 0] = start
    given = aligned(weights), aligned(slope), aligned(drive), _gain(clamped, leak, drive)
    current().launch(layout, "tangent_scan", (batch, layout.slices), *given, tangent, count, steps)
    return tangent


def adjoint_scan(weights: Tensor, slope: Tensor, source: Tensor, clamped: Tensor, leak: float) -> Tensor:
    """Run the adjoint equation backwards; see `threefactor.kernels.scans.adjoint_scan`."""
    batch, rows, units = source.shape
    layout = _layout(plan.scan, (weights, slope, source), (units,))
    if layout is None:
        return graphs.adjoint_scan(weights, slope, source, clamped, leak)
    adjoint = torch.empty_like(source, memory_format=torch.contiguous_format)
    given = aligned(weights), aligned(slope), aligned(source), _gain(clamped, leak, source)
    current().launch(layout, "adjoint_scan", (batch, 1), *given, adjoint, rows - 1)
    return adjoint


def trace_scan(values: Tensor, start: Tensor, decay: float) -> Tensor:
    """Run the trace equation; see `threefactor.kernels.scans.trace_scan`."""
    batch, steps = values.shape[:2]
    layout = _layout(plan.trace_scan, (values, start))
    if layout is None:
        return graphs.trace_scan(values, start, decay)
    trace = values.new_empty(batch, steps + 1, *values.shape[2:])
    trace[:, 0] = start
    numbers = start[0].numel()
    blocks = -(-numbers // layout.threads), batch
    current().launch(layout, "trace_scan", blocks, aligned(values), trace, decay, 1 - decay, numbers, steps)
    return trace


def deviation_scan(state: Tensor, start: Tensor, decay: float) -> tuple[Tensor, Tensor]:
    """Run trace and deviation; see `threefactor.kernels.scans.deviation_scan`."""
    trace = trace_scan(state[:, 1:], start, decay)
    return trace[:, :-1] - state[:, 1:], trace[:, -1]


def _layout(
    make: Callable[..., Plan | None], tensors: tuple[Tensor, ...], sizes: tuple[int, ...] = ()
) -> Plan | None:
    """Return the plan of a kernel, or None where it cannot run on these tensors."""
    if any(x.dtype != torch.float32 for x in tensors) or tensors[0].numel() == 0:
        return None
    capability = current().capability(tensors[0].device)
    return None if capability is None else make(*sizes, capability)


def _gain(clamped: Tensor, leak: float, like: Tensor) -> Tensor:
    """Return the leak of each unit, zero where it is clamped; i."""
    return leak * (~clamped).to(like.dtype)
