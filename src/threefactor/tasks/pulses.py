"""Two noisy pulse channels (Maoutsa 2025, arXiv 2512.09366): say with +1 or -1 on which channel the pulse came.

One of the channels carries a pulse of height 1 during the sample; both are noisy throughout the trial, by
σ·√(100 ms / dt)·n at a step, n ~ N(0, 1), so that noise averaged over 100 ms has standard deviation σ.
"""

from collections.abc import Mapping
from typing import NamedTuple

import torch
from torch import Generator, Tensor

from threefactor.contract import Trial
from threefactor.tasks.layout import Layout, layout

SETTINGS = {
    "noise": {
        "default": 0.15,
        "at_least": 0,
        "unit": "no unit",
        "meaning": "standard deviation of the inputs, averaged over 100 ms",
    },
}

PERIODS = {"fixation": 1, "sample": 1, "delay": 2, "decision": 1}
"""Fifths of the trial."""

FACTORS = {"choice": (0, 1)}

NOISE_TIME = 100.0  # ms


class Task(NamedTuple):
    """A pulse on one of two noisy channels; the wanted output says on which."""

    layout: Layout
    target: float  # wanted output for a pulse on the first channel; that for the second is its opposite
    reward: str  # see tasks/reward.py
    noise: float  # sigma, of an input averaged over NOISE_TIME
    trial_types: tuple[str, ...] = ("a", "b")
    factors: Mapping[str, tuple[int, ...]] = FACTORS
    inputs: int = 2
    outputs: int = 1
    chance: float = 0.5

    @property
    def steps(self) -> int:
        """Steps of a trial, T."""
        return self.layout.steps

    @property
    def periods(self) -> dict[str, tuple[float, float]]:
        """Onset and end of each period, ms."""
        return self.layout.periods

    def draw(
        self, trial_type: Tensor, *, generator: Generator | None = None, dtype: torch.dtype = torch.float32
    ) -> Trial:
        """Return trials of the given types.

        Parameters
        ----------
        trial_type
            b, index into ``trial_types``: the channel of the pulse.
        generator
            Of the noise; None for trials without noise.
        dtype
            Of the tensors; they follow the device of ``trial_type``.
        """
        inputs = torch.zeros(len(trial_type), self.steps, self.inputs, dtype=dtype, device=trial_type.device)
        inputs[
            torch.arange(len(trial_type), device=trial_type.device), self.layout.during("sample"), trial_type
        ] = 1
        if generator is not None:
            size = self.noise * (NOISE_TIME / self.layout.time_step) ** 0.5
            inputs += size * torch.randn(inputs.shape, generator=generator).to(inputs)
        answer = (self.target * (1 - 2 * trial_type))[:, None]
        return self.layout.trial(inputs, answer, trial_type, self.reward)


def make(
    duration: float,
    time_step: float,
    target: float,
    reward: str,
    *,
    delay: float | None = None,
    noise: float = 0.15,
) -> Task:
    """Return the task with that noise; other arguments as in `threefactor.tasks.dnms.make`."""
    return Task(layout(PERIODS, duration, time_step, delay), target, reward, noise)
