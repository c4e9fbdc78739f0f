"""Settings of validation."""

from pydantic import Field

from threefactor.config.block import Block


class Validate(Block):
    """The check of tangents against autograd, complex step and differences."""

    networks: int = Field(1, ge=1, description="networks whose derivatives are compared, number of networks")
    trials: int = Field(
        20, ge=6, description="trials of learning, in trials; the first of each type only settle its baseline"
    )
    step_sizes: tuple[float, ...] = Field(
        (1e-3, 1e-4, 1e-5), strict=False, description="steps of the central differences in θ, no unit"
    )
