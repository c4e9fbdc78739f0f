"""The PyTorch scans as CUDA graphs: some steps are recorded once and replayed, which spares a launch per operation.

A graph reads and writes the same places at every replay. A scan is cut into chunks of `Device.steps`: the chunk's slices
and what it carries are copied into those places, the graph is replayed, and its results are copied out. The last chunk
may be shorter than the graph, and what it runs beyond the end is dropped. Same names, arguments and results as
`threefactor.kernels.torch.scans`; no autograd.
"""

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import NamedTuple

import torch
from torch import Tensor

from threefactor.kernels.activation import TANH
from threefactor.kernels.cuda.device import Capture, current
from threefactor.kernels.precision import matmul
from threefactor.kernels.torch import scans as reference

KEPT = 8
"""Graphs with their buffers, of the shapes last used."""

Scan = Callable[..., Tensor | tuple[Tensor, Tensor]]

Constants = tuple[float | str, ...]
"""What a scan is given beside tensors, last."""


class Recording(NamedTuple):
    """A recorded scan of a chunk and the places it reads and writes."""

    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]
    replay: Callable[[], None]


def scan(
    weights: Tensor, drive: Tensor, start: Tensor, clamped: Tensor, leak: float, activation: str = TANH
) -> tuple[Tensor, Tensor]:
    """Run the state equation; see `threefactor.kernels.scans.scan`."""
    if not _long_enough(drive, drive.shape[1]):
        with matmul():
            return reference.scan(weights, drive, start, clamped, leak, activation)
    chunk = current().steps
    given = weights, drive[:, :chunk], start, clamped
    inputs, (state, rate), replay = _recording("scan", (leak, activation), *given)
    to_weights, to_drive, to_start, to_clamped = inputs
    _copy((to_weights, weights), (to_start, start), (to_clamped, clamped))
    result = drive.new_empty(2, len(drive), drive.shape[1] + 1, drive.shape[2])
    for first, steps in _chunks(drive.shape[1]):
        to_drive[:, :steps] = drive[:, first : first + steps]
        replay()
        for to, part in zip(result, (state, rate), strict=True):
            to[:, first : first + steps + 1] = part[:, : steps + 1]
        to_start.copy_(state[:, steps])
    return result[0], result[1]


def tangent_scan(
    weights: Tensor, slope: Tensor, drive: Tensor, start: Tensor, clamped: Tensor, leak: float
) -> Tensor:
    """Run the state-tangent equation; see `threefactor.kernels.scans.tangent_scan`."""
    if not _long_enough(drive, drive.shape[1]):
        with matmul():
            return reference.tangent_scan(weights, slope, drive, start, clamped, leak)
    chunk = current().steps
    given = weights, slope[:, :chunk], drive[:, :chunk], start, clamped
    inputs, (tangent,), replay = _recording("tangent_scan", (leak,), *given)
    to_weights, to_slope, to_drive, to_start, to_clamped = inputs
    _copy((to_weights, weights), (to_start, start), (to_clamped, clamped))
    result = drive.new_empty(len(drive), drive.shape[1] + 1, *drive.shape[2:])
    for first, steps in _chunks(drive.shape[1]):
        to_slope[:, :steps] = slope[:, first : first + steps]
        to_drive[:, :steps] = drive[:, first : first + steps]
        replay()
        result[:, first : first + steps + 1] = tangent[:, : steps + 1]
        to_start.copy_(tangent[:, steps])
    return result


def adjoint_scan(weights: Tensor, slope: Tensor, source: Tensor, clamped: Tensor, leak: float) -> Tensor:
    """Run the adjoint equation backwards; see `threefactor.kernels.scans.adjoint_scan`.

    A chunk ends in the adjoint of the chunk after it, which stands where the source of that step would.
    """
    last = source.shape[1] - 1
    if not _long_enough(source, last):
        with matmul():
            return reference.adjoint_scan(weights, slope, source, clamped, leak)
    chunk = current().steps
    given = weights, slope[:, : chunk + 1], source[:, : chunk + 1], clamped
    inputs, (adjoint,), replay = _recording("adjoint_scan", (leak,), *given)
    to_weights, to_slope, to_source, to_clamped = inputs
    _copy((to_weights, weights), (to_clamped, clamped))
    result = source.clone(memory_format=torch.contiguous_format)
    for first, steps in _chunks(last):
        end, size = last - first, steps + 1
        to_slope[:, -size:] = slope[:, end - steps : end + 1]
        to_source[:, -size:] = result[:, end - steps : end + 1]
        replay()
        result[:, end - steps : end + 1] = adjoint[:, -size:]
    return result


def trace_scan(values: Tensor, start: Tensor, decay: float) -> Tensor:
    """Run the trace equation; see `threefactor.kernels.scans.trace_scan`."""
    if not _long_enough(values, values.shape[1]):
        return reference.trace_scan(values, start, decay)
    (to_values, to_start), (trace,), replay = _recording(
        "trace_scan", (decay,), values[:, : current().steps], start
    )
    to_start.copy_(start)
    result = values.new_empty(len(values), values.shape[1] + 1, *values.shape[2:])
    for first, steps in _chunks(values.shape[1]):
        to_values[:, :steps] = values[:, first : first + steps]
        replay()
        result[:, first : first + steps + 1] = trace[:, : steps + 1]
        to_start.copy_(trace[:, steps])
    return result


def _recording(name: str, constants: Constants, *inputs: Tensor) -> Recording:
    """Return the recording of a scan for the shapes of its inputs."""
    places = tuple((x.shape, x.dtype, x.device) for x in inputs)
    return _record(current().capture, name, constants, places)


@lru_cache(KEPT)
def _record(
    capture: Capture,
    name: str,
    constants: Constants,
    places: tuple[tuple[torch.Size, torch.dtype, torch.device], ...],
) -> Recording:
    """Make the places and record the scan on them."""
    inputs = tuple(torch.zeros(shape, dtype=dtype, device=device) for shape, dtype, device in places)
    function: Scan = getattr(reference, name)

    def run() -> tuple[Tensor, ...]:
        found = function(*inputs, *constants)
        return found if isinstance(found, tuple) else (found,)

    with torch.no_grad(), matmul():
        outputs, replay = capture(run, inputs[0].device)
    return Recording(inputs, outputs, replay)


def _long_enough(like: Tensor, steps: int) -> bool:
    """Tell whether a scan is long enough for a graph."""
    return like.numel() > 0 and steps >= current().steps


def _chunks(steps: int) -> Iterator[tuple[int, int]]:
    """Yield first step and number of steps of each chunk."""
    size = current().steps
    for first in range(0, steps, size):
        yield first, min(size, steps - first)


def _copy(*pairs: tuple[Tensor, Tensor]) -> None:
    for to, value in pairs:
        to.copy_(value)
