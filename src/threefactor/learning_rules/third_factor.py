"""The third factor: how reward gates an eligibility, the same for every reward-gated rule."""

from typing import NamedTuple

import torch
from torch import Tensor

from threefactor.contract import Feedback


class Constants(NamedTuple):
    """Parameters of a reward-gated rule that shares the constants of plasticity."""

    learning_rate: float  # per ms of eligibility
    clip: float  # largest change of a weight in one trial
    baseline_exponent: float  # power of the baseline in the gate
    time_step: float  # dt, ms
    onset: int  # first step of a trial that counts


def gate(learning_rate: float, baseline_exponent: float, feedback: Feedback) -> Tensor:
    """Return the third factor ``learning_rate |R_bar|^baseline_exponent (R - R_bar)``; b."""
    scale = learning_rate * magnitude(feedback.baseline) ** baseline_exponent
    return scale * (feedback.reward - feedback.baseline)


def slopes(learning_rate: float, baseline_exponent: float, feedback: Feedback) -> tuple[Tensor, Tensor]:
    """Return the derivatives of the third factor with respect to reward and baseline; b each."""
    size = magnitude(feedback.baseline)
    error = feedback.reward - feedback.baseline
    by_reward = learning_rate * size**baseline_exponent
    if baseline_exponent == 0:
        return by_reward, -by_reward
    steep = learning_rate * baseline_exponent * size ** (baseline_exponent - 1) * feedback.baseline.sign()
    # without an error the baseline_exponent does not count, however steep it is at a baseline of zero
    return by_reward, torch.where(error == 0, 0.0, steep * error) - by_reward


def magnitude(x: Tensor) -> Tensor:
    """Return the modulus of real x, continued analytically for the complex step."""
    return x * x.real.sign()
