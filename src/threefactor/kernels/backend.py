"""Where compiled code can run."""

import importlib.util
from functools import cache

import torch
from torch import Tensor


def compiles(*tensors: Tensor) -> bool:
    """Tell whether the code compiled for the CPU can take these tensors: real, on the CPU, no autograd, numba there."""
    plain = all(x.device.type == "cpu" and not x.is_complex() for x in tensors)
    return plain and not records(*tensors) and _numba()


def records(*tensors: Tensor) -> bool:
    """Tell whether autograd records what is done with the tensors."""
    return torch.is_grad_enabled() and any(x.requires_grad for x in tensors)


@cache
def _numba() -> bool:
    return importlib.util.find_spec("numba") is not None
