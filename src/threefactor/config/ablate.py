"""Settings of the omissions."""

from pydantic import Field

from threefactor.config.block import Block


class Ablate(Block):
    """The meta-gradient without one of its terms, beside the whole."""

    networks: int = Field(
        8, ge=2, description="networks whose meta-gradients are compared, number of networks"
    )
    lifetime: int = Field(150, ge=1, description="trials of learning, in trials")
