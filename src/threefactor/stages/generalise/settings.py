"""Settings of generalisation."""

from collections.abc import Iterator
from typing import Any, Literal

from pydantic import Field

from threefactor.experiment.settings import task
from threefactor.experiment.settings.block import Block, Name
from threefactor.experiment.view import changed


class Generalise(Block):
    """What trained networks do beyond what they were trained on, at each level of error of ``retrain.levels``.

    They learn the next task from the level ``analyse.level`` alone.
    """

    delay_factor: float = Field(
        2.0,
        gt=0,
        description="delay of the trials with a longer one, as a multiple of the usual, in whole time steps, no unit",
    )
    duration_factor: float = Field(
        1.5,
        gt=0,
        description="length of the longer trials, all periods, as a multiple of the usual, in whole time steps, no unit",
    )
    weaker_input: float = Field(
        0.5, ge=0, lt=1, description="weaker inputs, as a multiple of the usual, no unit"
    )
    stronger_input: float = Field(
        1.5, gt=1, description="stronger inputs, as a multiple of the usual, no unit"
    )
    noise: float = Field(
        0.2,
        ge=0,
        description="standard deviation of the state by gaussian noise that networks never met, no unit",
    )
    noise_trials: int = Field(8, ge=1, description="trials of each type with that noise, in trials")
    lesion_fraction: float = Field(
        0.1, gt=0, lt=1, description="free units that a lesion silences, as a share of all, no unit"
    )
    lesions: int = Field(
        8, ge=1, description="lesions, the same in all networks, whose mean error is taken, number"
    )
    next_task: Name | Literal[""] = Field(
        "dms", description="task that is learned next; if it has as many inputs and outputs, '' for none"
    )
    next_trials: int = Field(1000, ge=1, description="trials of learning the next task, in trials")


def conflicts(settings: Any) -> Iterator[str]:
    """Yield a line where the next task does not exist or cannot be made."""
    if chosen := settings.generalise.next_task:
        yield from task.conflicts(changed(settings, {"task.name": chosen}), "generalise.next_task")
