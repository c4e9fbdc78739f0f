"""Settings of the criterion."""

from collections.abc import Iterator
from typing import Any

from pydantic import Field

from threefactor.experiment.settings.block import Block


class Criterion(Block):
    """When a network has learned the task, and when it has failed to."""

    window: int = Field(100, ge=1, description="the last trials that are looked at, number of trials")
    fraction: float = Field(0.95, gt=0, le=1, description="share of the window that must be good, no unit")
    error: float = Field(1.0, gt=0, description="a trial is good if its mean |y − y*| is below, no unit")
    horizon: int = Field(2000, ge=1, description="a network that has not learned by then failed, in trials")


def conflicts(settings: Any) -> Iterator[str]:
    """Yield a line for each key of the criterion that does not fit the others."""
    criterion, warm_up = settings.criterion, settings.plasticity.warm_up_trials
    if criterion.window > criterion.horizon:
        yield f"criterion.window = {criterion.window}: must be at most {criterion.horizon} (criterion.horizon)"
    if criterion.horizon <= warm_up:
        yield f"criterion.horizon = {criterion.horizon}: must be more than {warm_up} (plasticity.warm_up_trials)"
