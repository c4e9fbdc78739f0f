"""Settings of the comparison of how networks learn."""

from pydantic import Field

from threefactor.experiment.settings.block import Block


class CompareLearning(Block):
    """The comparison of learning rules by how their networks learn."""

    bootstraps: int = Field(2000, ge=1, description="bootstrap draws of an interval, number")
