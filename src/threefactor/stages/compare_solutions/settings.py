"""Settings of the comparison of solutions."""

from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import Field

from threefactor.experiment.settings.block import Block, Name, Once


class CompareSolutions(Block):
    """Distances between trained networks at equal error, what explains them, and null models."""

    rules: Annotated[tuple[Name, ...], Once, Field(strict=False)] = Field(
        (), description="learning rules whose solutions are compared, of retrain.rules, [] for all"
    )
    networks: int = Field(
        32,
        ge=1,
        description="networks of each batch that are compared at a level, of those that are analysed, number of networks",
    )
    costly_networks: int = Field(
        2,
        ge=0,
        description="networks of each rule between which costly distances are measured, number of networks",
    )
    permutations: int = Field(999, ge=1, description="permutations of each test between groups, number")
    bootstraps: int = Field(2000, ge=1, description="bootstrap draws of an interval, number")
    largest_cluster_number: int = Field(
        12, ge=2, description="largest number of clusters that is tried, number"
    )
    cluster_draws: int = Field(
        99, ge=2, description="draws of points without clusters that clusters are compared with, number"
    )
    splits: int = Field(10, ge=2, description="random splits in which a classifier tells rules apart, number")
    held_out: float = Field(
        0.25, gt=0, lt=1, description="share of the initialisations that a classifier is tested on, no unit"
    )
    classification_permutations: int = Field(
        99, ge=1, description="permutations of labels for a classifier, number"
    )
    unit_share: float = Field(
        0.05, gt=0, le=1, description="share of the units from which the rule is told, no unit"
    )


def conflicts(settings: Any) -> Iterator[str]:
    """Yield a line for each rule that is compared and not retrained."""
    for rule in settings.compare_solutions.rules:
        if rule not in settings.retrain.rules:
            known = ", ".join(settings.retrain.rules)
            yield f"compare_solutions.rules = {rule}: must be one of {known} (retrain.rules)"
