"""Settings of the perturbation."""

from pydantic import Field

from threefactor.config.block import Block


class Perturbation(Block):
    """The kicks that a unit's state receives while it explores."""

    size: float = Field(0.5, ge=0, description="a kick makes the state jump by up to ± this, no unit")
    rate_per_ms: float = Field(0.001, ge=0, le=1, description="kicks per ms and unit")
