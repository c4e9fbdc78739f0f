"""Settings of the comparison of learned rules with one another."""

from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import Field

from threefactor.experiment.settings.block import Block


class Families(Block):
    """Scores of the learned rules, distances between them, and the rank of their weight tangents."""

    networks: int = Field(10, ge=1, description="networks that every rule is scored on, number of networks")
    trials: int = Field(250, ge=1, description="trials of learning of each, in trials")
    visited_networks: int = Field(
        4,
        ge=1,
        description="networks whose rates and deviations weight the distance of functions, number of networks",
    )
    rank_rules: int = Field(
        1,
        ge=0,
        description="learned rules whose weight tangents' rank is measured, the first of metalearn.rules, number",
    )
    rank_networks: int = Field(4, ge=1, description="networks in which it is measured, number of networks")
    rank_trials: Annotated[tuple[Annotated[int, Field(ge=1)], ...], Field(strict=False, min_length=1)] = (
        Field(
            (1, 3, 10, 30, 100),
            description="trials of learning after which it is measured, rising, in trials",
        )
    )
    bootstraps: int = Field(2000, ge=1, description="bootstrap draws of an interval, number")


def conflicts(settings: Any) -> Iterator[str]:
    """Yield a line for each key that does not fit the others."""
    warm_up, trials = settings.plasticity.warm_up_trials, settings.families.trials
    if trials <= warm_up:
        yield f"families.trials = {trials}: must be more than {warm_up} (plasticity.warm_up_trials)"
    values = list(settings.families.rank_trials)
    if values != sorted(set(values)):
        yield f"families.rank_trials = {values}: must rise"
