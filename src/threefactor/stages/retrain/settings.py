"""Settings of retraining."""

from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import Field

from threefactor.experiment import rules
from threefactor.experiment.settings.block import Block, Name, Once


class Retrain(Block):
    """Fresh networks, trained to the criterion under each rule."""

    networks: int = Field(48, ge=1, description="networks of one job, number of networks")
    batches: int = Field(2, ge=1, description="jobs for each rule, number of batches")
    rules: Annotated[tuple[Name, ...], Field(min_length=1, strict=False)] = Field(
        (
            "theta_33",
            "learned_theta33",
            "learned_random",
            "learned_standardised",
            "start_learned_random",
            "node_perturbation",
            "rflo",
            "eprop",
            "bptt",
        ),
        description="learning rules: theta_<k><l>, a key of metalearn.rules, start_<key>, or a file's name",
    )
    snapshots: Annotated[tuple[Annotated[int, Field(ge=0)], ...], Once] = Field(
        (0, 100, 200, 400, 800, 1600), strict=False, description="trials at which weights are kept, in trials"
    )


def conflicts(settings: Any) -> Iterator[str]:
    """Yield a line for each learning rule that does not exist or cannot learn this task."""
    yield from rules.unknown(settings, "retrain.rules", settings.retrain.rules)
    yield from rules.without_derivative(settings, "retrain.rules", settings.retrain.rules)
