"""Settings of alignment."""

from pydantic import Field

from threefactor.config.block import Block


class Align(Block):
    """The comparison of expected updates with the gradient by BPTT."""

    networks: int = Field(4, ge=1, description="networks of each batch that are compared, number of networks")
    draws: int = Field(100, ge=2, description="perturbations averaged at each snapshot, number of draws")
