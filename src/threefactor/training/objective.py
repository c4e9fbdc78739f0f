"""The objective of meta-learning: the mean over the trials of a learning run of a function of the reward."""

from typing import NamedTuple

import torch
from torch import Tensor

WIDTH = 0.12
"""Of the step from a good to a bad trial, in units of the error."""


class SmoothedErrorRate(NamedTuple):
    """The smoothed error rate, a differentiable fraction of bad trials: ``f(R) = -sigmoid((-R - error) / width)``.

    With the graded reward, -R is the error that the criterion looks at. The mean reward goes on growing where a trial is
    good already, or hopelessly bad: it is the more sensitive one for theta, but drives hyperparameters to where fewer
    networks reach the criterion.
    """

    error: float  # above which a trial is bad
    width: float  # of the step from good to bad, in units of the error


Objective = SmoothedErrorRate | None
"""None is the mean reward, ``f(R) = R``."""


def objective_value(objective: Objective, reward: Tensor) -> tuple[Tensor, Tensor]:
    """Return f of rewards, and its derivative with respect to them; of the shape of the rewards."""
    if objective is None:
        return reward, torch.ones_like(reward)
    bad = torch.sigmoid((-reward - objective.error) / objective.width)
    return -bad, bad * (1 - bad) / objective.width
