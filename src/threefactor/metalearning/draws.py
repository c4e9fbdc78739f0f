"""Draws of constants: points of the unit cube, and values between bounds, uniform in the logarithm."""

import math
from collections.abc import Mapping, Sequence
from typing import TypeVar

import torch
from torch import Generator, Tensor
from torch.quasirandom import SobolEngine

Choice = TypeVar("Choice")

Bounds = Mapping[str, tuple[float, float]]
"""Multiples of the usual value between which a constant is sought, by its key."""

SPREAD = 0.125
"""Standard deviation of draws around the best, as a share of the cube's edge."""


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


def near(best: Tensor, *, generator: Generator) -> Tensor:
    """Draw a point around the best one, within the cube; n."""
    step = torch.randn(len(best), generator=generator, dtype=torch.float64)
    return (best + SPREAD * step).clamp(0, 1)
