"""Settings of retraining."""

from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import Field

from threefactor.experiment import rules
from threefactor.experiment.settings.block import Block, Name, Once


class Retrain(Block):
    """Fresh networks that learn by each rule, to the criterion and on to a horizon."""

    networks: int = Field(32, ge=1, description="networks of one job, number of networks")
    batches: int = Field(1, ge=1, description="jobs for each rule and gain, number of batches")
    gains: Annotated[tuple[Annotated[float, Field(ge=0)], ...], Once] = Field(
        (),
        strict=False,
        description="gains of the initial weights, which batches have in turn, [] for network.gain alone, no unit",
    )
    rules: Annotated[tuple[Name, ...], Field(min_length=1, strict=False)] = Field(
        (
            "theta_33",
            "theta_33_standardised",
            "learned_theta33",
            "learned_random",
            "learned_standardised",
            "start_learned_random",
            "node_perturbation",
            "reinforce",
            "rflo",
            "bptt",
        ),
        description="learning rules: theta_<k><l>, theta_<k><l>_<deviation>, a key of metalearn.rules, start_<key>, or "
        "the name of a file",
    )
    horizon: int = Field(
        3000, ge=1, description="trials of learning; a network not yet at a level then has failed, in trials"
    )
    horizons: dict[Name, Annotated[int, Field(ge=1)]] = Field(
        {"bptt": 500},
        description="trials of learning under a rule, by its name, instead of retrain.horizon, in trials",
    )
    levels: Annotated[tuple[Annotated[float, Field(gt=0)], ...], Once] = Field(
        (0.7, 0.5, 0.35, 0.2),
        strict=False,
        min_length=1,
        description="levels of the noise-free error |y − y*| at which weights are kept, falling, no unit",
    )
    evaluation_spacing: float = Field(
        0.05,
        gt=0,
        description="trials between two noise-free evaluations, at least one, as a share of the trials done, no unit",
    )
    snapshots: Annotated[tuple[Annotated[int, Field(ge=0)], ...], Once] = Field(
        (0, 25, 50, 100, 200, 400, 800, 1600),
        strict=False,
        description="trials at which weights are kept, in trials",
    )


def conflicts(settings: Any) -> Iterator[str]:
    """Yield a line for each learning rule that does not exist or cannot learn this task."""
    yield from rules.unknown(settings, "retrain.rules", settings.retrain.rules)
    yield from rules.without_derivative(settings, "retrain.rules", settings.retrain.rules)
    yield from rules.moves_readout(settings, "retrain.rules", settings.retrain.rules)
    retrain = settings.retrain
    if list(retrain.levels) != sorted(retrain.levels, reverse=True):
        yield f"retrain.levels = {list(retrain.levels)}: must fall"
    for rule in retrain.horizons:
        if not rules.exists(settings, rule):
            yield f"retrain.horizons.{rule}: must be {rules.choices(settings)}"
