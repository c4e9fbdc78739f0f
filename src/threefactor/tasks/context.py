"""Context-dependent integration (Mante, Sussillo et al. 2013): tell the direction of the stimulus that a context names.

Channels: the evidence of the two stimuli, motion and colour, then one for each context, on from the first step to the
last. The evidence of a stimulus at a step is s·d + σ·√(100 ms / dt)·n, with direction d = ±1, strength s and n ~ N(0, 1):
its mean over 100 ms has standard deviation σ, whatever the time step is.
"""

from collections.abc import Mapping
from itertools import product
from typing import NamedTuple

import torch
from torch import Generator, Tensor

from threefactor.contract import Trial
from threefactor.tasks.layout import Layout, layout

SETTINGS = {
    "strength": {"default": 1.0, "above": 0, "unit": "no unit", "meaning": "mean evidence of a stimulus"},
    "noise": {
        "default": 0.1,
        "at_least": 0,
        "unit": "no unit",
        "meaning": "standard deviation of the evidence, averaged over 100 ms",
    },
}

PERIODS = {"fixation": 1, "stimulus": 2, "delay": 1, "decision": 1}
"""Fifths of the trial."""

TYPES = tuple(product((0, 1), repeat=3))  # context, and directions of motion and of colour

TRIAL_TYPES = tuple("mc"[context] + "-+"[motion] + "-+"[colour] for context, motion, colour in TYPES)

FACTORS = {
    "motion": tuple(motion for _, motion, _ in TYPES),
    "colour": tuple(colour for _, _, colour in TYPES),
    "context": tuple(context for context, _, _ in TYPES),
    "choice": tuple(colour if context else motion for context, motion, colour in TYPES),
}

NOISE_TIME = 100.0  # ms


class Task(NamedTuple):
    """Two noisy stimuli and a context that says which of them counts; the wanted output is its direction."""

    layout: Layout
    target: float  # wanted output for direction +
    reward: str  # see tasks/reward.py
    strength: float  # s
    noise: float  # sigma, of evidence averaged over NOISE_TIME
    trial_types: tuple[str, ...] = TRIAL_TYPES
    factors: Mapping[str, tuple[int, ...]] = FACTORS
    inputs: int = 4
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
            b, index into ``trial_types``.
        generator
            Of the noise; None for trials without noise.
        dtype
            Of the tensors; they follow the device of ``trial_type``.
        """
        context, motion, colour = torch.tensor(TYPES, device=trial_type.device)[trial_type].unbind(1)
        inputs = torch.zeros(len(trial_type), self.steps, self.inputs, dtype=dtype, device=trial_type.device)
        inputs[torch.arange(len(trial_type), device=trial_type.device), :, 2 + context] = 1
        shown, direction = self.layout.during("stimulus"), 2 * torch.stack([motion, colour], 1) - 1
        inputs[:, shown, :2] = (self.strength * direction)[:, None].to(dtype)
        if generator is not None:
            size = self.noise * (NOISE_TIME / self.layout.time_step) ** 0.5
            noise = torch.randn(len(trial_type), shown.stop - shown.start, 2, generator=generator)
            inputs[:, shown, :2] += size * noise.to(inputs)
        choice = torch.where(context == 1, direction[:, 1], direction[:, 0])
        return self.layout.trial(inputs, (self.target * choice)[:, None], trial_type, self.reward)


def make(
    duration: float,
    time_step: float,
    target: float,
    reward: str,
    *,
    delay: float | None = None,
    strength: float = 1.0,
    noise: float = 0.1,
) -> Task:
    """Return the task with that evidence; other arguments as in `threefactor.tasks.dnms.make`."""
    return Task(layout(PERIODS, duration, time_step, delay), target, reward, strength, noise)
