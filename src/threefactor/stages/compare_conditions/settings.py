"""Settings of the comparison of learning rules under all conditions."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import Field

from threefactor.experiment import conditions
from threefactor.experiment.settings.block import Block, Name

Trials = Annotated[float, Field(gt=0)]


class Published(Block):
    """What a paper reports of theta_33 under a condition."""

    median: Trials = Field(description="median number of trials to the criterion, in trials")
    quartiles: tuple[Trials, Trials] = Field(
        strict=False, description="first and third quartile of the trials to the criterion, in trials"
    )
    runs: int = Field(ge=1, description="networks behind it, number of networks")


class CompareConditions(Block):
    """The comparison of learning rules under every condition of `transfer`."""

    tuned: Name | Literal[""] = Field(
        "", description="condition whose rules are also compared with theta_33 under `untuned`, '' for none"
    )
    untuned: Name | Literal[""] = Field(
        "", description="condition in which theta_33 has the constants that nobody tuned, '' for none"
    )
    published: dict[Name, Published] = Field(
        {}, description="what a paper reports of theta_33 under a condition, by the condition's name"
    )
    target_ratio: float = Field(
        0.8,
        gt=0,
        description="ratio to the tuned theta_33 that a rule for all conditions is to have at most, no unit",
    )
    bootstraps: int = Field(2000, ge=1, description="bootstrap draws of an interval, number")


def conflicts(settings: Any) -> Iterator[str]:
    """Yield a line for each condition that is named and not there, and each published number that contradicts itself."""
    compared, known = settings.compare_conditions, settings.transfer.conditions
    places = {"tuned": compared.tuned, "untuned": compared.untuned}
    for key, name in [*places.items(), *(("published", name) for name in compared.published)]:
        place = f"compare_conditions.{key} = {name!r}"
        if name and name not in known:
            yield f"{place}: must be a condition: {', '.join(known)}"
        elif (
            name
            and key != "tuned"
            and "theta_33" not in conditions.rules_of(conditions.derive(settings, name))
        ):
            yield f"{place}: must be a condition with 'theta_33' among its transfer.rules"
    for name, paper in compared.published.items():
        low, high = paper.quartiles
        if not low <= paper.median <= high:
            yield (
                f"compare_conditions.published.{name}.quartiles = {[low, high]}: must enclose the median, "
                f"{paper.median}"
            )
