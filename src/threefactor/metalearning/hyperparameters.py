"""Hyperparameters that are meta-learned beside theta: their values from free coordinates, and their slopes.

    value = line(start + REACH tanh(free / REACH))

on the line of each hyperparameter (`threefactor.metalearning.transforms`). Free coordinates are zero at the start; a
step of 0.1 is about a tenth of the value. Names and values are those of the core. Sizes and rates of perturbations may
have any unit, since only their ratio to the start matters.
"""

from collections.abc import Mapping

import torch
from torch import Tensor

from threefactor.contract import Rule
from threefactor.metalearning import transforms
from threefactor.metalearning.sides import value_of


def values(start: Mapping[str, float], free: Tensor) -> dict[str, float]:
    """Return the value of each hyperparameter, by name.

    Parameters
    ----------
    start
        Values before the first step, by name.
    free
        s, in the same order.

    Raises
    ------
    ValueError
        If a start is at its limit, from where no step leads away.
    """
    moved = zip(start.items(), transforms.bounded(free).tolist(), strict=True)
    return {
        name: transforms.value_at(name, transforms.coordinate(name, value) + by)
        for (name, value), by in moved
    }


def slopes(rule: Rule, free: Tensor) -> Tensor:
    """Return the derivatives of the rule's hyperparameters with respect to their free coordinates; s."""
    along = [transforms.slope(name, value_of(rule, name)) for name in rule.params.hyperparameters]
    return torch.tensor(along).to(free) * transforms.bounded_slope(free)
