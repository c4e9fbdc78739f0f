"""Settings of analysis."""

from collections.abc import Iterator
from typing import Any

from pydantic import Field

from threefactor.experiment.settings.block import Block


class Analyse(Block):
    """Representations, fixed points and distances of the retrained networks.

    Of each rule, the networks that crossed the level with the smallest ids are taken.
    """

    level: float = Field(
        0.5,
        gt=0,
        description="level of noise-free error at which networks are compared, of retrain.levels, no unit",
    )
    networks_per_rule: int = Field(
        32, ge=2, description="networks at the level of each rule that are compared, number of networks"
    )
    interval_ms: float = Field(20.0, gt=0, description="time between the compared times of a trial, in ms")
    components: int = Field(3, ge=3, description="principal components of a trajectory, number")
    shape_components: int = Field(
        16, ge=2, description="principal components that enter the Procrustes distance, number"
    )
    decoding_networks: int = Field(
        16, ge=0, description="networks of each rule to decode, number of networks"
    )
    decoding_trials: int = Field(
        10, ge=2, description="perturbed trials of each type for decoding, in trials"
    )
    decoding_folds: int = Field(
        5, ge=2, description="folds of cross-validation, at most decoding_trials, number"
    )
    decoding_ridge: float = Field(
        0.1, gt=0, description="ridge, as a share of a trial's mean squared rate, no unit"
    )
    fixed_point_networks: int = Field(
        6, ge=0, description="networks of each rule whose fixed points are sought, number of networks"
    )
    fixed_point_starts: int = Field(16, ge=2, description="starts of the search in each condition, number")
    fixed_point_steps: int = Field(100, ge=1, description="most Newton steps from one start, number")
    fixed_point_tolerance: float = Field(
        1e-8, gt=0, description="largest flow |F(x)| that counts as a fixed point, in units of the state"
    )
    fixed_point_separation: float = Field(
        1e-3, gt=0, description="least distance of two fixed points (root mean square), in units of the state"
    )
    permutations: int = Field(999, ge=1, description="permutations of each test between groups, number")
    bootstraps: int = Field(2000, ge=1, description="bootstrap draws of an interval, number")


def conflicts(settings: Any) -> Iterator[str]:
    """Yield a line where the level is none, folds are more than trials, or compared times are no steps of a trial."""
    if settings.analyse.level not in settings.retrain.levels:
        levels = ", ".join(map(str, settings.retrain.levels))
        yield f"analyse.level = {settings.analyse.level}: must be one of {levels} (retrain.levels)"
    folds, trials = settings.analyse.decoding_folds, settings.analyse.decoding_trials
    if folds > trials:
        yield f"analyse.decoding_folds = {folds}: must be 2 to {trials} (analyse.decoding_trials)"
    interval, step, length = (
        settings.analyse.interval_ms,
        settings.network.time_step_ms,
        settings.task.duration_ms,
    )
    if interval > length or abs(interval / step - round(interval / step)) > 1e-9:
        yield (
            f"analyse.interval_ms = {interval}: must be a multiple of {step} (network.time_step_ms) up to {length} "
            "(task.duration_ms)"
        )
