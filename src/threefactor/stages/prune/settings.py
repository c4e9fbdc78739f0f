"""Settings of the path from dense to sparse rules."""

from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import Field

from threefactor.experiment.settings.block import Block, Once


class Prune(Block):
    """Contributions of the terms of a learned rule, and what is left of the rule under growing sparsity."""

    learned_rules: int = Field(
        1, ge=0, description="learned rules that are pruned, the first of metalearn.rules, number"
    )
    weights: Annotated[tuple[Annotated[float, Field(gt=0)], ...], Once] = Field(
        (),
        strict=False,
        description="weights of |scaled θ|₁ along the path, rising, each starting where the last ended, no unit",
    )
    steps: int = Field(6, ge=1, description="steps of θ at each weight, number of steps")
    networks: int = Field(6, ge=1, description="networks that rules are scored on, number of networks")
    trials: int = Field(200, ge=1, description="trials of learning of a score, in trials")
    bootstraps: int = Field(2000, ge=1, description="bootstrap draws of an interval, number")


def conflicts(settings: Any) -> Iterator[str]:
    """Yield a line for each key that does not fit the others."""
    warm_up, trials = settings.plasticity.warm_up_trials, settings.prune.trials
    if trials <= warm_up:
        yield f"prune.trials = {trials}: must be more than {warm_up} (plasticity.warm_up_trials)"
    values = list(settings.prune.weights)
    if values != sorted(set(values)):
        yield f"prune.weights = {values}: must rise"
