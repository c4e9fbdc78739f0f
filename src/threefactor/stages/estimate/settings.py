"""Settings of the comparison of estimators."""

from typing import Annotated

from pydantic import Field

from threefactor.experiment.settings.block import Block, Name
from threefactor.config.metalearn import Term

Positive = Annotated[float, Field(gt=0)]


class Estimate(Block):
    """The estimators of the meta-gradient at θ₃₃, held against a long Monte Carlo of common-noise differences."""

    regimes: Annotated[dict[Name, Positive], Field(min_length=1)] = Field(
        {"weak": 0.1, "strong": 1.0},
        description="regimes by name: the learning rate and the clip times this, no unit",
    )
    terms: tuple[Term, ...] = Field(
        ("11", "13", "31", "33"),
        strict=False,
        min_length=1,
        description="terms (k, l) along which the gradient is estimated; '33' is one",
    )
    networks: int = Field(8, ge=4, description="networks that estimate the gradient, number of networks")
    batch: int = Field(4, ge=1, description="networks that learn side by side, number of networks")
    horizons: tuple[Annotated[int, Field(ge=2)], ...] = Field(
        (25, 50, 100),
        strict=False,
        min_length=1,
        description="trials after the warm-up whose mean reward is differentiated, rising, in trials",
    )
    noise: tuple[Positive, ...] = Field(
        (0.5, 10.0),
        strict=False,
        min_length=1,
        description="weight noise, as shares of the update's root mean square, no unit",
    )
    difference_step: float = Field(0.03, gt=0, description="step of the differences in scaled θ, no unit")
    evolution_step: float = Field(
        0.1, gt=0, description="standard deviation of evolution's perturbation of scaled θ, no unit"
    )
    resamples: int = Field(
        30, ge=2, description="draws of networks that the robust average is judged on, number"
    )
