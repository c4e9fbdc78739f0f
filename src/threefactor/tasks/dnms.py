"""Delayed nonmatch to sample (Miconi 2017, eLife e20899): tell whether two stimuli differ."""

from collections.abc import Mapping
from typing import NamedTuple

import torch
from torch import Generator, Tensor

from threefactor.contract import Trial
from threefactor.tasks.layout import Layout, layout

PERIODS = {"sample": 1, "delay": 1, "test": 1, "second_delay": 1, "decision": 1}
"""Fifths of the trial."""

FACTORS = {"first": (0, 0, 1, 1), "second": (0, 1, 0, 1), "choice": (0, 1, 1, 0)}


class Task(NamedTuple):
    """Two stimuli of two channels, one after the other; the wanted output says whether they differ."""

    layout: Layout
    target: float  # wanted output for nonmatch; that for match is its opposite
    reward: str  # see tasks/reward.py
    trial_types: tuple[str, ...] = ("aa", "ab", "ba", "bb")
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
        """Return trials of the given types; nothing about them is random.

        Parameters
        ----------
        trial_type
            b, index into ``trial_types``.
        generator
            Without use here.
        dtype
            Of the tensors; they follow the device of ``trial_type``.
        """
        first, second = trial_type // 2, trial_type % 2
        inputs = torch.zeros(len(trial_type), self.steps, self.inputs, dtype=dtype, device=trial_type.device)
        row = torch.arange(len(trial_type), device=trial_type.device)
        inputs[row, self.layout.during("sample"), first] = 1
        inputs[row, self.layout.during("test"), second] = 1
        sign = torch.where(first == second, -1.0, 1.0).to(dtype)
        return self.layout.trial(inputs, (self.target * sign)[:, None], trial_type, self.reward)


def make(
    duration: float, time_step: float, target: float, reward: str, *, delay: float | None = None
) -> Task:
    """Return the task with a trial of `duration` ms in steps of `time_step` ms; see `layout.layout` for its delay."""
    return Task(layout(PERIODS, duration, time_step, delay), target, reward)
