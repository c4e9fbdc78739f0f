"""The named periods of a trial, in the order in which they follow each other."""

from collections.abc import Mapping
from typing import NamedTuple

from torch import Tensor

from threefactor.contract import Trial
from threefactor.declarations import ContractError

FIFTHS = 5
"""Equal parts of a trial that its periods are made of."""


class Layout(NamedTuple):
    """When each period of a trial begins and ends."""

    spans: dict[str, tuple[int, int]]  # first step of each period, and the step after its last
    time_step: float  # dt, ms

    @property
    def steps(self) -> int:
        """Steps of a trial, T."""
        return max(end for _, end in self.spans.values())

    @property
    def periods(self) -> dict[str, tuple[float, float]]:
        """Onset and end of each period since trial onset, ms."""
        return {name: (a * self.time_step, b * self.time_step) for name, (a, b) in self.spans.items()}

    def during(self, period: str) -> slice:
        """Return the steps of a period."""
        return slice(*self.spans[period])

    def trial(
        self, inputs: Tensor, wanted: Tensor, trial_type: Tensor, reward: str, share: Tensor | None = None
    ) -> Trial:
        """Return trials in which the wanted output counts in the period ``decision``.

        Parameters
        ----------
        inputs
            b t c.
        wanted
            y*, b o.
        trial_type
            b, trial type.
        reward
            See `threefactor.tasks.reward`.
        share
            b o, of each output in error and reward; None for equal shares.
        """
        window = inputs.new_zeros(inputs.shape[:2])
        first, end = self.spans["decision"]
        window[:, first:end] = 1 / (end - first)
        target = wanted.to(inputs)[:, None].expand(-1, self.steps, -1)
        return Trial(inputs, target, window, trial_type, reward, share)


def layout(fifths: Mapping[str, int], duration: float, time_step: float, delay: float | None) -> Layout:
    """Lay periods out in a row.

    Parameters
    ----------
    fifths
        Length of each period in fifths of `duration`, five in all.
    duration
        Length of a trial whose delay has its usual length, ms.
    time_step
        dt, ms.
    delay
        Length of the period ``delay`` instead of the usual one, ms; the trial becomes as much longer.

    Raises
    ------
    ContractError
        If periods are not five fifths in all.
    ValueError
        If a period is not a whole number of steps.
    """
    if sum(fifths.values()) != FIFTHS:
        total = sum(fifths.values())
        raise ContractError(
            f"PERIODS = {dict(fifths)}: must add up to {FIFTHS} fifths of a trial, not {total}"
        )
    fifth = duration / time_step / FIFTHS
    if abs(fifth - round(fifth)) > 1e-9:
        raise ValueError(
            f"duration = {duration} ms: must be a multiple of {FIFTHS} time steps ({FIFTHS * time_step} ms)"
        )
    steps = {name: count * round(fifth) for name, count in fifths.items()}
    if delay is not None:
        steps["delay"] = round(delay / time_step)
        if abs(delay / time_step - steps["delay"]) > 1e-9 or steps["delay"] < 1:
            raise ValueError(f"delay = {delay} ms: must be a multiple of the time step ({time_step} ms)")
    spans, end = {}, 0
    for name, length in steps.items():
        spans[name] = (end, end + length)
        end += length
    return Layout(spans, time_step)
