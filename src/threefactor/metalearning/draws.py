"""Draws of constants: quasi-random points of the unit cube, and values between bounds, uniform in the logarithm."""

import math
from collections.abc import Sequence
from typing import TypeVar

import torch
from torch import Tensor
from torch.quasirandom import SobolEngine

Choice = TypeVar("Choice")


def sobol(count: int, size: int, seed: int) -> Tensor:
    """Return so many scrambled Sobol points of a cube of so many dimensions, (count, size), float64; none for 0."""
    return SobolEngine(size, scramble=True, seed=seed).draw(count + 1, dtype=torch.float64)[
        :-1
    ]  # it cannot draw none


def between(usual: float, bounds: tuple[float, float], share: float) -> float:
    """Return the value at a share of the way between bounds, multiples of the usual one, in the logarithm."""
    low, high = bounds
    return float(usual * low * (high / low) ** share)


def among(choices: Sequence[Choice], share: float) -> Choice:
    """Return the choice at a share, below 1, of the way through choices of equal parts."""
    return choices[int(share * len(choices))]


def share_of(multiple: float, bounds: tuple[float, float]) -> float:
    """Return the share of the way at which `between` gives this multiple of the usual value."""
    low, high = bounds
    return math.log(multiple / low) / math.log(high / low)
