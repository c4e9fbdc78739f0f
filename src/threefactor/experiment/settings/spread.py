"""What a setting is drawn from, where it is drawn anew for each condition."""

from typing import Annotated

from pydantic import Field

from threefactor.experiment.settings.block import Block, Once


class Spread(Block):
    """Values of one setting: those between two bounds, or some choices."""

    between: Annotated[tuple[Annotated[float, Field(gt=0)], ...], Field(strict=False)] = Field(
        (), description="bounds, between which values are uniform in the logarithm, as [0.25, 1.5]"
    )
    among: Annotated[tuple[int | float | str, ...], Field(strict=False), Once] = Field(
        (), description="choices, which are equally likely, as [5.0, 10.0, 20.0] or [dnms, dpa]"
    )


def ends(spread: Spread) -> tuple[int | float | str, ...]:
    """Return both bounds, or all choices."""
    return spread.between or spread.among
