"""Settings of the comparison of estimators."""

from typing import Annotated

from pydantic import Field

from threefactor.config.block import Block, Name


class Estimate(Block):
    """The estimators of the meta-gradient, held against a long Monte Carlo of common-noise differences."""

    regimes: Annotated[dict[Name, Annotated[float, Field(gt=0)]], Field(min_length=1)] = Field(
        {"weak": 0.1, "strong": 1.0},
        description="regimes by name: the learning rate and the clip times this, no unit",
    )
