"""What every peer offers: work that is ready to be timed, and a way to read its numbers."""

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import Tensor

from benchmarks.problem import Problem

# what each piece must give, b first: see benchmarks/agreement.py
NUMBERS = {
    "forward": ("weights", "baseline", "reward"),
    "tangents": ("weight_tangent", "baseline_tangent", "reward_tangent"),
    "reverse": ("gradient", "objective"),
    "bptt": ("gradient",),
}


class Work(NamedTuple):
    """One piece of work, compiled and with its inputs in place."""

    run: Callable[[], Any]  # blocks until the result is there
    read: Callable[[Any], dict[str, Tensor]]  # the numbers of a result, by the names of NUMBERS
    note: str = ""  # the form that was chosen


class Peer(NamedTuple):
    """One way to do the pieces."""

    name: str
    pieces: dict[str, Callable[[Problem], Work]]
    slow: bool = False  # left out where one call takes minutes


def named(piece: str) -> Callable[[Any], dict[str, Tensor]]:
    """Return the reader of a result that is a tuple in the order of NUMBERS."""
    return lambda result: {
        name: torch.as_tensor(part) for name, part in zip(NUMBERS[piece], result, strict=True)
    }
