"""Settings of the perturbation."""

from typing import Literal

from pydantic import Field

from threefactor.experiment.settings.block import Block


class Perturbation(Block):
    """The kicks, or the continuous noise, that a unit's state receives while it explores."""

    kind: Literal["kicks", "noise"] = Field(
        "kicks", description="rare 'kicks', or continuous 'noise' that is normal at every time step"
    )
    size: float = Field(0.5, ge=0, description="a kick makes the state jump by up to ± this, no unit")
    rate_per_ms: float = Field(0.001, ge=0, le=1, description="kicks per ms and unit")
    noise: float = Field(
        0.065,
        ge=0,
        description="standard deviation that noise by itself gives the state of a unit at any time step, no unit",
    )
