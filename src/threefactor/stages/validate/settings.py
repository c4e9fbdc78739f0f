"""Settings of validation."""

from typing import Annotated

from pydantic import Field

from threefactor.experiment.settings.block import Block, Once


class Validate(Block):
    """The check of tangents against reverse mode, complex step and differences."""

    degrees: Annotated[tuple[Annotated[int, Field(ge=1, le=9)], ...], Once] = Field(
        (2, 5),
        strict=False,
        description="degrees of dense random rules that are checked beside theta_33 and the learned ones, no unit",
    )
    gains: Annotated[tuple[Annotated[float, Field(gt=0)], ...], Once] = Field(
        (0.9, 1.8, 2.5),
        strict=False,
        min_length=1,
        description="gains g of the networks in which the random rules are checked, no unit",
    )
    networks: int = Field(1, ge=1, description="networks of each gain, number of networks")
    trials: Annotated[tuple[Annotated[int, Field(ge=1)], ...], Once] = Field(
        (1, 35, 70),
        strict=False,
        min_length=1,
        description="trials of learning at which derivatives are compared, in trials",
    )
    coefficients: int = Field(
        4, ge=1, description="coefficients of a rule that are differentiated, drawn among its terms, number"
    )
    directions: int = Field(
        1, ge=1, description="random directions of θ for complex step and differences, number"
    )
    step_sizes: Annotated[tuple[Annotated[float, Field(gt=0)], ...], Once] = Field(
        (1e-2, 1e-4, 1e-6, 1e-8),
        strict=False,
        description="steps of the central differences, in scaled θ, no unit",
    )
    autograd_trials: int = Field(
        8, ge=1, description="trials of learning through which PyTorch's own reverse mode goes, in trials"
    )
