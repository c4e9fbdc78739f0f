"""Delayed nonmatch to sample (Miconi 2017, eLife e20899): tell whether two stimuli differ.

Periods, as fractions of the trial: stimulus 0-0.2, delay, second stimulus 0.4-0.6, delay, response window 0.8-1.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from threefactor.contract import Trial

KINDS = ("aa", "ab", "ba", "bb")
INPUTS = 2
OUTPUTS = 1


class Task(NamedTuple):
    """Delayed nonmatch to sample."""

    steps: int  # T
    target: float  # size of the wanted output, +target for nonmatch
    reward: str  # see tasks/reward.py
    kinds: tuple[str, ...] = KINDS
    inputs: int = INPUTS
    outputs: int = OUTPUTS

    def draw(self, kind: Tensor, *, dtype: torch.dtype = torch.float32) -> Trial:
        """Return the trials of the given types.

        Parameters
        ----------
        kind
            b, index into ``kinds``.
        dtype
            Of the tensors; they follow the device of ``kind``.
        """
        first, second = kind // 2, kind % 2
        fifth = self.steps // 5
        inputs = torch.zeros(len(kind), self.steps, INPUTS, dtype=dtype, device=kind.device)
        row = torch.arange(len(kind), device=kind.device)
        inputs[row, :fifth, first] = 1
        inputs[row, 2 * fifth : 3 * fifth, second] = 1
        sign = torch.where(first == second, -1.0, 1.0).to(dtype)
        target = (self.target * sign)[:, None, None].expand(-1, self.steps, OUTPUTS)
        window = torch.zeros(len(kind), self.steps, dtype=dtype, device=kind.device)
        window[:, -fifth:] = 1 / fifth
        return Trial(inputs, target, window, kind, self.reward)


def make(duration: float, time_step: float, target: float, reward: str) -> Task:
    """Return the task with a trial of `duration` ms in steps of `time_step` ms.

    Raises
    ------
    ValueError
        If a fifth of the trial is not a whole number of steps.
    """
    steps = duration / time_step
    if abs(steps / 5 - round(steps / 5)) > 1e-9:
        raise ValueError(
            f"trial of {duration} ms: allowed are multiples of 5 time steps ({5 * time_step} ms)"
        )
    return Task(round(steps), target, reward)
