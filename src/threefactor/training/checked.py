"""One thing that was looked at in a learning rule or a task of a user, and what their code raised."""

import traceback
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor


class Checked(NamedTuple):
    """One thing that was looked at."""

    what: str
    fault: str = ""  # what it is and what it must be; empty where it is as it must be


def raised(problem: Exception) -> str:
    """Return an error of a user's file with the place that raised it, and what must be."""
    last = traceback.extract_tb(problem.__traceback__)[-1]
    words = " ".join(f"{type(problem).__name__}: {problem}".split())
    return f"{words} ({Path(last.filename).name}, line {last.lineno}): must run"


def tensor_fault(value: object, axes: str, shape: tuple[int, ...], dtype: torch.dtype) -> str:
    """Say what is wrong with what should be a tensor of these axes, shape and precision; empty if nothing is."""
    if not isinstance(value, Tensor):
        return f"{type(value).__name__}: must be a tensor"
    if value.shape != shape:
        return f"tensor of shape {tuple(value.shape)}: must be {axes} = {shape}"
    return "" if value.dtype == dtype else f"tensor of {value.dtype}: must be of {dtype}"
