"""Settings of the ablation."""

from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import Field

from threefactor.experiment.settings.block import Block

Trials = Annotated[tuple[Annotated[int, Field(ge=1)], ...], Field(strict=False, min_length=1)]


class Ablation(Block):
    """The meta-gradient without one of its terms, beside the whole."""

    learned_rules: int = Field(
        1,
        ge=0,
        description="learned rules that are looked at beside theta_33, the first of metalearn.rules, number",
    )
    networks: int = Field(
        6, ge=2, description="networks whose meta-gradients are compared, number of networks"
    )
    horizons: Trials = Field(
        (40, 60, 100),
        description="trials of a learning run at which its mean reward ends, growing, in trials",
    )
    windows: Trials = Field(
        (1, 5, 20), description="updates before a reward that a truncated gradient sees, in trials"
    )
    bootstraps: int = Field(2000, ge=1, description="bootstrap draws of an interval, number")


def conflicts(settings: Any) -> Iterator[str]:
    """Yield a line for each horizon that does not fit the others."""
    warm_up, horizons = settings.plasticity.warm_up_trials, settings.ablation.horizons
    for position, horizon in enumerate(horizons):
        place = f"ablation.horizons.{position} = {horizon}"
        if horizon <= warm_up:
            yield f"{place}: must be more than {warm_up} (plasticity.warm_up_trials)"
        elif position and horizon <= horizons[position - 1]:
            yield f"{place}: must be more than the one before, {horizons[position - 1]}"
