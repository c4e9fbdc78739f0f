"""Settings of analysis."""

from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import Field

from threefactor.experiment.settings.block import Block, Once


class Analyse(Block):
    """Representations, dynamics and weights of the retrained networks, at levels of noise-free error."""

    level: float = Field(
        0.5,
        gt=0,
        description="level of noise-free error at which networks are compared and drawn, of retrain.levels, no unit",
    )
    levels: Annotated[tuple[float, ...], Once, Field(strict=False)] = Field(
        (),
        description="further levels at which they are analysed and compared, of retrain.levels, [] for none",
    )
    networks: int = Field(
        32,
        ge=1,
        description="networks of each batch that are analysed at a level, of those that crossed it by learning, "
        "number of networks",
    )
    interval_ms: float = Field(20.0, gt=0, description="time between the compared times of a trial, in ms")
    components: int = Field(3, ge=3, description="principal components of a trajectory, number")
    shape_components: int = Field(
        16, ge=2, description="principal components that enter the Procrustes distance, number"
    )
    decoding_networks: int = Field(
        16, ge=0, description="networks of each batch and level to decode, number of networks"
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
    costly_networks: int = Field(
        4,
        ge=0,
        description="networks of each batch and level whose attractors, sharpness and tangent kernels are measured, "
        "number of networks",
    )
    tracked_networks: int = Field(
        1,
        ge=0,
        description="networks of each batch whose attractors are followed along retrain.snapshots, number of networks",
    )
    attractor_starts: int = Field(
        16, ge=1, description="starts of long runs that look for attractors, in each condition, number"
    )
    flatness: float = Field(
        1e-3,
        gt=0,
        description="share of the largest eigenvalue of the Hessian below which a direction is flat, no unit",
    )
    fixed_point_networks: int = Field(
        6,
        ge=0,
        description="networks of each batch and level whose fixed points are sought, number of networks",
    )
    fixed_point_starts: int = Field(16, ge=2, description="starts of the search in each condition, number")
    fixed_point_steps: int = Field(100, ge=1, description="most Newton steps from one start, number")
    fixed_point_tolerance: float = Field(
        1e-8, gt=0, description="largest flow |F(x)| that counts as a fixed point, in units of the state"
    )
    fixed_point_separation: float = Field(
        1e-3, gt=0, description="least distance of two fixed points (root mean square), in units of the state"
    )


def conflicts(settings: Any) -> Iterator[str]:
    """Yield a line where the level is none, folds are more than trials, or compared times are no steps of a trial."""
    chosen = {"level": [settings.analyse.level], "levels": settings.analyse.levels}
    for key, level in [(key, level) for key, several in chosen.items() for level in several]:
        if level not in settings.retrain.levels:
            levels = ", ".join(map(str, settings.retrain.levels))
            yield f"analyse.{key} = {level}: must be one of {levels} (retrain.levels)"
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
