"""Settings of the criterion."""

from pydantic import Field

from threefactor.experiment.settings.block import Block


class Criterion(Block):
    """When a network has learned the task, and when it has failed to."""

    window: int = Field(100, ge=1, description="the last trials that are looked at, number of trials")
    fraction: float = Field(0.95, gt=0, le=1, description="share of the window that must be good, no unit")
    error: float = Field(1.0, gt=0, description="a trial is good if its mean |y − y*| is below, no unit")
    horizon: int = Field(2000, ge=1, description="a network that has not learned by then failed, in trials")
