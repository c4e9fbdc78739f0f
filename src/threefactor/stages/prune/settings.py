"""Settings of the path from dense to sparse rules."""

from typing import Annotated

from pydantic import Field

from threefactor.experiment.settings.block import Block


class Prune(Block):
    """What each term of a learned rule is worth, and what is left of the rule under growing sparsity."""

    learned_rules: int = Field(
        1, ge=0, description="learned rules that are pruned, the first of metalearn.rules, number"
    )
    weights: tuple[Annotated[float, Field(gt=0)], ...] = Field(
        (),
        strict=False,
        description="weights of |scaled θ|₁ along the path, rising, each starting where the last ended, no unit",
    )
    steps: int = Field(6, ge=1, description="steps of θ at each weight, number of steps")
    networks: int = Field(6, ge=1, description="networks that rules are scored on, number of networks")
    trials: int = Field(200, ge=1, description="their lifetime, in trials")
    bootstraps: int = Field(2000, ge=1, description="bootstrap draws of an interval, number")
