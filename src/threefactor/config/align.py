"""Settings of alignment."""

from pydantic import Field

from threefactor.config.block import Block


class Align(Block):
    """The comparison of expected updates with the gradient by BPTT."""

    networks: int = Field(4, ge=1, description="networks of each batch that are compared, number of networks")
    settle: int = Field(40, ge=0, description="trials before the reward baselines are settled, in trials")
    blocks: int = Field(8, ge=2, description="blocks of draws, for standard errors, number of blocks")
    draws: int = Field(20, ge=1, description="trials of each type in each block, in trials")
