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


def raised(problem: Exception, function: object) -> str:
    """Return an error of a user's function with the place in its file, and what must be.

    The place is the last line of the file that ran; where none did, as under other arguments, that of the function.
    """
    ran = traceback.extract_tb(problem.__traceback__)
    file, line = ran[-1].filename, ran[-1].lineno
    if (code := getattr(function, "__code__", None)) is not None:
        own = [frame.lineno for frame in ran if frame.filename == code.co_filename]
        file, line = code.co_filename, own[-1] if own else code.co_firstlineno
    words = " ".join(f"{type(problem).__name__}: {problem}".split())
    return f"{words} ({Path(file).name}, line {line}): must run"


def tensor_fault(value: object, axes: str, shape: tuple[int, ...], dtype: torch.dtype) -> str:
    """Say what is wrong with what should be a tensor of these axes, shape and precision; empty if nothing is."""
    if not isinstance(value, Tensor):
        return f"{type(value).__name__}: must be a tensor"
    if value.shape != shape:
        return f"tensor of shape {tuple(value.shape)}: must be {axes} = {shape}"
    return "" if value.dtype == dtype else f"tensor of {value.dtype}: must be of {dtype}"
