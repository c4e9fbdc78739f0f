"""Settings of the null models of solutions."""

from pydantic import Field

from threefactor.experiment.settings.block import Block


class NullModels(Block):
    """What distances between networks are compared with: walks at equal error, noise, random directions."""

    anchors: int = Field(
        3, ge=0, description="networks of each batch and level from which walks begin, number of networks"
    )
    walks: int = Field(2, ge=2, description="walks of each kind from one network, number")
    steps: int = Field(50, ge=1, description="steps of a walk, number")
    noise_excess: float = Field(
        0.02, gt=0, description="error in noisy trials above that of the anchor that a walk may have, no unit"
    )
    repeats: int = Field(4, ge=1, description="noisy trials of each type that a mean rate is over, in trials")
