"""The networks that are analysed together, and the moments of a trial at which they are."""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from threefactor.contract import Network
from threefactor.training.batch import select


class Moments(NamedTuple):
    """The moments of a trial that are kept.

    Attributes
    ----------
    step : Tensor
        Index of the step that ends there, (t).
    time : Tensor
        Time since trial onset, ms, (t).
    """

    step: Tensor
    time: Tensor

    def within(self, period: tuple[float, float] | None) -> Tensor:
        """Tell which moments (t) lie in a period, its onset and end in ms; none lie in a period that is not there."""
        onset, end = period or (0.0, 0.0)
        return (self.time > onset + 1e-6) & (self.time <= end + 1e-6)


class Group(NamedTuple):
    """Networks of one rule, before learning and at a level of noise-free error.

    Attributes
    ----------
    rule : str
        Name of the learning rule.
    network : list of int
        Ids of the b networks.
    initial, final : Network
        The networks before learning, and when they first crossed the level.
    """

    rule: str
    network: list[int]
    initial: Network
    final: Network

    def first(self, count: int) -> "Group":
        """Keep the first few networks."""
        part = slice(count)
        return Group(self.rule, self.network[part], select(self.initial, part), select(self.final, part))


def moments(steps: int, time_step: float, interval: float) -> Moments:
    """Choose the ends of whole intervals (ms) of a trial of so many steps of `time_step` ms."""
    stride = max(1, round(interval / time_step))
    step = torch.arange(stride - 1, steps, stride)
    return Moments(step, (step + 1) * time_step)


def joined(parts: Sequence[Network]) -> Network:
    """Join batches of networks into one."""
    exists = [part.exists for part in parts if part.exists is not None]
    feedback = [part.feedback_weights for part in parts if part.feedback_weights is not None]
    return parts[0]._replace(
        weights=torch.cat([part.weights for part in parts]),
        input_weights=torch.cat([part.input_weights for part in parts]),
        output_weights=torch.cat([part.output_weights for part in parts]),
        exists=torch.cat(exists) if exists else None,
        feedback_weights=torch.cat(feedback) if feedback else None,
    )
