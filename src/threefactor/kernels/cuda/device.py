"""How the scans reach the device: the GPU, or, in a test, what stands in for it on a CPU."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NamedTuple

import torch
from torch import Tensor

from threefactor.kernels.cuda.launch import launch, ready
from threefactor.kernels.cuda.plan import Capability

Capture = Callable[
    [Callable[[], tuple[Tensor, ...]], torch.device], tuple[tuple[Tensor, ...], Callable[[], None]]
]
"""Record what a function does; return its results, and what does it again into the same places."""


class Device(NamedTuple):
    """What the scans need of a device."""

    capability: Callable[[torch.device], Capability | None]  # None where no kernel can be compiled
    launch: Callable[..., None]  # see `threefactor.kernels.cuda.launch.launch`
    capture: Capture
    steps: int = 50  # in a graph; scans that are shorter run as they are


def current() -> Device:
    """Return the device in use."""
    return _current.get()


@contextmanager
def on(device: Device) -> Iterator[None]:
    """Let the scans inside this block run on another device than the GPU."""
    token = _current.set(device)
    try:
        yield
    finally:
        _current.reset(token)


def capability(device: torch.device) -> Capability | None:
    """Return the compute capability of a GPU; None where no kernel can be compiled for it."""
    found: Capability = torch.cuda.get_device_capability(device)
    return found if ready(found) else None


def capture(
    run: Callable[[], tuple[Tensor, ...]], device: torch.device
) -> tuple[tuple[Tensor, ...], Callable[[], None]]:
    """Record what a function does on a GPU as a graph; see `Capture`."""
    with torch.cuda.device(device):
        graph, stream = torch.cuda.CUDAGraph(), torch.cuda.Stream()
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):  # what a library sets up at its first call cannot be recorded
            run()
        torch.cuda.current_stream().wait_stream(stream)
        with torch.cuda.graph(graph):
            outputs = run()
    return outputs, graph.replay


GPU = Device(capability, launch, capture)

_current: ContextVar[Device] = ContextVar("device", default=GPU)
