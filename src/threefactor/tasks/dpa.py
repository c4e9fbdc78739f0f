"""Delayed paired association: after a delay, give the outcome that belongs to a cue.

n cues, each on a channel of its own, and n outcomes, each with an output of its own; cue c asks for outcome c. Which
outcome that is makes no difference to a network whose initial weights are as likely in any order of its units.
"""

from typing import NamedTuple

import torch
from torch import Generator, Tensor

from threefactor.contract import Trial
from threefactor.tasks.layout import Layout, layout
from threefactor.tasks.outcomes import shares, wanted

OUTPUTS = "cues"

SETTINGS = {
    "cues": {"default": 3, "at_least": 2, "at_most": 26, "unit": "number n", "meaning": "cues, and outcomes"},
}

PERIODS = {"fixation": 1, "sample": 1, "delay": 2, "decision": 1}
"""Fifths of the trial."""


class Task(NamedTuple):
    """n cues and n outcomes."""

    layout: Layout
    target: float  # wanted output of the right outcome; that of the others is its opposite
    reward: str  # see tasks/reward.py
    cues: int  # n

    @property
    def steps(self) -> int:
        """Steps of a trial, T."""
        return self.layout.steps

    @property
    def periods(self) -> dict[str, tuple[float, float]]:
        """Onset and end of each period, ms."""
        return self.layout.periods

    @property
    def trial_types(self) -> tuple[str, ...]:
        """Trial types, one a cue: a, b, and so on."""
        return tuple(chr(ord("a") + cue) for cue in range(self.cues))

    @property
    def factors(self) -> dict[str, tuple[int, ...]]:
        """Which cue a trial type has."""
        return {"cue": tuple(range(self.cues))}

    @property
    def inputs(self) -> int:
        """A channel per cue."""
        return self.cues

    @property
    def outputs(self) -> int:
        """An output per outcome."""
        return self.cues

    @property
    def chance(self) -> float:
        """Share of right outcomes by guessing."""
        return 1 / self.cues

    def draw(
        self, trial_type: Tensor, *, generator: Generator | None = None, dtype: torch.dtype = torch.float32
    ) -> Trial:
        """Return trials of the given types (b); nothing about them is random."""
        inputs = torch.zeros(len(trial_type), self.steps, self.inputs, dtype=dtype, device=trial_type.device)
        inputs[
            torch.arange(len(trial_type), device=trial_type.device), self.layout.during("sample"), trial_type
        ] = 1
        answer, share = wanted(trial_type, self.cues, self.target), shares(trial_type, self.cues, dtype)
        return self.layout.trial(inputs, answer, trial_type, self.reward, share)


def make(
    duration: float,
    time_step: float,
    target: float,
    reward: str,
    *,
    delay: float | None = None,
    cues: int = 3,
) -> Task:
    """Return the task with so many cues; other arguments as in `threefactor.tasks.dnms.make`."""
    return Task(layout(PERIODS, duration, time_step, delay), target, reward, cues)
