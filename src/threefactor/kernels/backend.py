"""Where compiled code can run."""

import importlib.util
import os
from functools import cache

import torch
from torch import Tensor


def compiles(*tensors: Tensor) -> bool:
    """Tell whether the code compiled for the CPU can take these tensors.

    On the CPU, all of one precision (single or double: compiled code reads memory as it was told to), no autograd, and
    numba there.
    """
    kinds = {x.dtype for x in tensors if x.dtype != torch.bool}
    plain = len(kinds) == 1 and kinds <= {torch.float32, torch.float64}
    return plain and all(x.device.type == "cpu" for x in tensors) and not records(*tensors) and _numba()


def records(*tensors: Tensor) -> bool:
    """Tell whether autograd records what is done with the tensors."""
    return torch.is_grad_enabled() and any(x.requires_grad for x in tensors)


@cache
def _numba() -> bool:
    disabled = os.environ.get("NUMBA_DISABLE_JIT", "0") not in ("", "0")
    return importlib.util.find_spec("numba") is not None and not disabled
