"""Which code runs: compiled for the device of the tensors where it can, PyTorch elsewhere."""

import importlib.util
import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from typing import Literal

import torch
from torch import Tensor

Backend = Literal["torch", "cpu", "cuda"]

_asked: ContextVar[Backend | None] = ContextVar("asked", default=None)


def choose(*tensors: Tensor) -> Backend:
    """Return the backend of some tensors.

    ``cpu`` takes real tensors of one precision, single or double, since compiled code reads memory as it was compiled
    to, and needs numba; ``cuda`` takes real tensors; ``torch`` takes all others, and all that autograd records.
    """
    if records(*tensors):
        return "torch"
    if (asked := _asked.get()) is not None:
        return asked
    devices = {x.device.type for x in tensors}
    if devices == {"cpu"} and _one_precision(*tensors) and _numba():
        return "cpu"
    return "cuda" if devices == {"cuda"} and not any(x.is_complex() for x in tensors) else "torch"


@contextmanager
def using(backend: Backend) -> Iterator[None]:
    """Let one backend run everything inside this block, but for what autograd records; to compare it with another."""
    token = _asked.set(backend)
    try:
        yield
    finally:
        _asked.reset(token)


def records(*tensors: Tensor) -> bool:
    """Tell whether autograd records what is done with the tensors."""
    return torch.is_grad_enabled() and any(x.requires_grad for x in tensors)


def _one_precision(*tensors: Tensor) -> bool:
    """Tell whether all numbers are of single, or all of double precision."""
    found = {x.dtype for x in tensors if x.dtype != torch.bool}
    return len(found) == 1 and found <= {torch.float32, torch.float64}


@cache
def _numba() -> bool:
    disabled = os.environ.get("NUMBA_DISABLE_JIT", "0") not in ("", "0")
    return importlib.util.find_spec("numba") is not None and not disabled
