"""Settings of alignment."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import Field

from threefactor.experiment import retrained_batches, rules
from threefactor.experiment.settings.block import Block, Name, Once


class Align(Block):
    """The comparison of expected updates with the gradient by BPTT, and with one another."""

    batches: int = Field(
        1, ge=1, description="batches of each rule that are compared, at most retrain.batches, number"
    )
    networks: int = Field(6, ge=1, description="networks of each batch that are compared, number of networks")
    references: Annotated[tuple[Name, ...], Once] = Field(
        ("node_perturbation", "rflo", "eprop"),
        strict=False,
        description="rules whose updates are compared beside those of retrain.rules, by the names that stand there",
    )
    burn_in: int = Field(40, ge=0, description="burn-in of the reward baselines, in trials")
    snapshots: Annotated[tuple[Annotated[int, Field(ge=0)], ...], Once] = Field(
        (0, 200),
        strict=False,
        min_length=1,
        description="trials at which updates are compared, as far as retrain.snapshots has them, in trials",
    )
    blocks: int = Field(8, ge=4, description="blocks of draws, for standard errors, number of blocks")
    draws: int = Field(11, ge=1, description="trials of each type in each block, in trials")
    quiet_draws: int = Field(
        4,
        ge=1,
        description="of them, those for the gradient and for rules with access to the error or the gradient, in trials",
    )
    subspace_along: Name | Literal[""] = Field(
        "theta_33", description="rule along whose training the best polynomial rule is sought, '' for none"
    )
    subspace_degree: int = Field(
        5, ge=1, le=9, description="highest power of rate and of deviation in it, no unit"
    )
    subspace_terms: Literal["odd", "all"] = Field(
        "odd", description="monomials of the best polynomial rule: k and l 'odd', or 'all'"
    )
    descent_steps: Annotated[tuple[Annotated[float, Field(gt=0)], ...], Once] = Field(
        (1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1),
        strict=False,
        min_length=1,
        description="lengths of steps along an update, in norms of the weights",
    )
    descent_trials: int = Field(
        40, ge=2, description="trials over which the reward of each step is averaged, in trials"
    )


def compared(settings: Any) -> list[str]:
    """List the learning rules whose updates are compared: those that networks learn by, and the references."""
    return list(dict.fromkeys([*settings.retrain.rules, *settings.align.references]))


def conflicts(settings: Any) -> Iterator[str]:
    """Yield a line for each key that does not fit what networks are retrained with."""
    align, retrain = settings.align, settings.retrain
    most = retrained_batches.count(settings)
    if align.batches > most:
        yield f"align.batches = {align.batches}: must be at most {most} (retrain.batches, for each gain)"
    if not set(align.snapshots) & set(retrain.snapshots):
        yield (
            f"align.snapshots = {list(align.snapshots)}: must have a trial that is among retrain.snapshots, "
            f"{list(retrain.snapshots)}"
        )
    for position, rule in enumerate(align.references):
        if not rules.exists(settings, rule) or rules.learned(settings, rule):
            yield f"align.references.{position} = {rule!r}: must be {rules.choices(settings, is_learned=False)}"
