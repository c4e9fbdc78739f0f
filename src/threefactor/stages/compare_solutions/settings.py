"""Settings of the comparison of solutions."""

from pydantic import Field

from threefactor.experiment.settings.block import Block


class CompareSolutions(Block):
    """Distances between trained networks at equal error, what explains them, and null models."""

    permutations: int = Field(999, ge=1, description="permutations of each test between groups, number")
    bootstraps: int = Field(2000, ge=1, description="bootstrap draws of an interval, number")
