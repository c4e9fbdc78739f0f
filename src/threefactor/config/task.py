"""Settings of the task."""

from typing import Literal

from pydantic import Field

from threefactor.config.block import Block, Name


class Task(Block):
    """Which task the networks learn."""

    name: Name = Field("dnms", description="file name of a task in src/threefactor/tasks, without .py")
    duration_ms: float = Field(1000.0, gt=0, description="length of a trial, in ms")
    target: float = Field(0.98, gt=0, lt=1, description="size of the wanted output, no unit")
    reward: Literal["graded", "squared", "correct"] = Field(
        "graded", description="how the error becomes a reward, see src/threefactor/tasks/reward.py"
    )
