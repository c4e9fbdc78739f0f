"""Settings of the perturbation."""

from collections.abc import Iterator
from typing import Any, Literal

from pydantic import Field

from threefactor.experiment.settings.block import Block


class Perturbation(Block):
    """The perturbations by which networks explore: sparse jumps of the state, or continuous noise."""

    kind: Literal["sparse", "gaussian"] = Field(
        "sparse", description="rare 'sparse' jumps of the state, or 'gaussian' noise at every time step"
    )
    size: float = Field(
        0.5, ge=0, description="a sparse perturbation makes the state jump by up to ± this, no unit"
    )
    rate_per_ms: float = Field(0.001, ge=0, le=1, description="sparse perturbations, per ms and unit")
    noise: float = Field(
        0.065,
        ge=0,
        description="standard deviation that gaussian noise by itself gives the state of a unit, no unit",
    )


def strength(perturbation: Perturbation) -> float:
    """Return zero if nothing is perturbed, and more the more is."""
    return {
        "sparse": perturbation.size * perturbation.rate_per_ms,
        "gaussian": perturbation.noise,
    }[perturbation.kind]


def conflicts(settings: Any) -> Iterator[str]:
    """Yield a line for each key of the perturbation that does not fit the others."""
    most, rate = 1 / settings.network.time_step_ms, settings.perturbation.rate_per_ms
    if rate >= most:
        yield f"perturbation.rate_per_ms = {rate}: must be less than {most:g}, one perturbation a time step"
