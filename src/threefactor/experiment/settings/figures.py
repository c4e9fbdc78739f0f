"""Settings of the figures."""

from pydantic import Field

from threefactor.experiment.settings.block import Block


class Figures(Block):
    """How results are drawn."""

    dpi: int = Field(150, ge=30, le=1200, description="resolution of what is rasterised, in dots per inch")
