"""Settings of the rivals of a learned rule."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import Field

from threefactor.experiment import rules
from threefactor.experiment.settings.block import Block, Name, Once
from threefactor.experiment.settings.mask import Mask
from threefactor.experiment.settings.plasticity import Deviation


class Rivals(Block):
    """Hand-made rules, tuned with at least as many simulated trials as a learned rule had, and judged beside it."""

    learned_rule: Name | Literal[""] = Field(
        "", description="learned rule that they are held against, a key of metalearn.rules, '' for none"
    )
    deviations: Annotated[tuple[Deviation, ...], Once, Field(strict=False, min_length=1)] = Field(
        ("raw", "normalised", "standardised"),
        description="deviations whose rules are tuned, each with its constants",
    )
    terms: Mask = Field("all", description="terms of the monomials, a mask as in metalearn.rules")
    sums: int = Field(4, ge=0, description="best rules of which all sums of two are tuned, number of rules")
    networks: int = Field(16, ge=1, description="networks that learn with each draw, number of networks")
    trials: int = Field(1000, ge=1, description="trials of learning of each network, in trials")
    draws: int = Field(
        16,
        ge=2,
        description="values of its constants that each rule tries, more where learning had more trials, number of draws",
    )
    judged: int = Field(2, ge=1, description="best rules of each deviation that are judged, number of rules")
    references: Annotated[tuple[Name, ...], Once, Field(strict=False)] = Field(
        ("theta_33", "node_perturbation"),
        description="further rules that are judged, with their usual constants",
    )
    held_out_networks: int = Field(
        256, ge=2, description="fresh networks that learn by each judged rule, number of networks"
    )
    horizon: int = Field(2000, ge=1, description="trials after which a judged network has failed, in trials")
    bootstraps: int = Field(2000, ge=1, description="bootstrap draws of an interval, number")


def conflicts(settings: Any) -> Iterator[str]:
    """Yield a line for each rule that does not exist or cannot learn this task, and a learned rule that is not there."""
    own = settings.rivals
    yield from rules.unknown(settings, "rivals.references", own.references)
    yield from rules.moves_readout(settings, "rivals.references", own.references)
    if own.learned_rule and own.learned_rule not in settings.metalearn.rules:
        yield f"rivals.learned_rule = {own.learned_rule!r}: must be one of {', '.join(settings.metalearn.rules)}"
