"""The lines on which meta-learned hyperparameters are moved, so that no step leaves the allowed range.

    size (positive)             coordinate = log value
    decay (between 0 and 1)     coordinate = log value / (1 - value)
    coefficient (any)           coordinate = value

so that a step of 0.1 is about a tenth of the value, or of what is left to one, or of the unit of what it multiplies.
`bounded` keeps a coordinate within `REACH` of its start, smoothly: the learned rule stays near where it started.
"""

import math

import torch
from torch import Tensor

from threefactor.contract import GateShape

DECAYS = (
    "trace_decay",
    "eligibility_decay",
    "weight_decay",
    "baseline_decay",
    "momentum",
    "deviation_mean_decay",
    "deviation_rms_decay",
)
"""Hyperparameters between 0 and 1."""

COEFFICIENTS = ("weight_linear", "weight_quadratic", *GateShape._fields)
"""Hyperparameters of any sign, of order one; all others are positive."""

REACH = math.log(4)
"""How far a coordinate may come from its start: a factor of four of sizes or of odds, 1.39 of coefficients."""


def coordinate(name: str, value: float) -> float:
    """Return where a value lies on the line of a hyperparameter.

    Raises
    ------
    ValueError
        If the value is at its limit, from where no step leads away.
    """
    if name in COEFFICIENTS:
        return value
    if value <= 0 or (name in DECAYS and value >= 1):
        allowed = "between 0 and 1" if name in DECAYS else "positive"
        raise ValueError(f"{name} = {value}: must be {allowed} to be meta-learned")
    return math.log(value / (1 - value)) if name in DECAYS else math.log(value)


def value_at(name: str, place: float) -> float:
    """Return the value of a hyperparameter at a coordinate."""
    if name in COEFFICIENTS:
        return place
    return 1 / (1 + math.exp(-place)) if name in DECAYS else math.exp(place)


def slope(name: str, value: float) -> float:
    """Return the derivative of the value with respect to its coordinate, at a value."""
    if name in COEFFICIENTS:
        return 1.0
    return value * (1 - value) if name in DECAYS else value


def moved(name: str, value: float, by: float) -> float:
    """Return the value moved along its line by so much to first order."""
    return value_at(name, coordinate(name, value) + by / slope(name, value))


def bounded(free: Tensor) -> Tensor:
    """Return how far coordinates are from their starts, ``REACH tanh(free / REACH)``, for free steps from zero."""
    return REACH * torch.tanh(free / REACH)


def bounded_slope(free: Tensor) -> Tensor:
    """Return the derivative of `bounded`."""
    return 1 - torch.tanh(free / REACH) ** 2
