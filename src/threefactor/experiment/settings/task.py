"""Settings of the task."""

from typing import Literal

from pydantic import Field

from threefactor.experiment.settings.block import Block, Name, Time


class Task(Block):
    """Which task the networks learn."""

    name: Name = Field("dnms", description="file name of a task in src/threefactor/tasks, without .py")
    duration_ms: float = Field(1000.0, gt=0, description="length of a trial with the usual delay, in ms")
    delay_ms: Time = Field(
        "", description="length of the delay, the trial becoming as much longer, in ms, '' for the usual one"
    )
    target: float = Field(0.98, gt=0, lt=1, description="size of the wanted output, no unit")
    reward: Literal["graded", "squared", "correct"] = Field(
        "graded", description="how the error becomes a reward, see src/threefactor/tasks/reward.py"
    )
    dpa_cues: int = Field(3, ge=2, le=26, description="cues of dpa, and outcomes, number n")
    context_strength: float = Field(1.0, gt=0, description="mean evidence of a stimulus of context, no unit")
    context_noise: float = Field(
        0.1, ge=0, description="standard deviation of context's evidence, averaged over 100 ms, no unit"
    )
    pulses_noise: float = Field(
        0.15, ge=0, description="standard deviation of inputs of pulses, averaged over 100 ms, no unit"
    )
    neurogym_environment: str = Field(
        "PerceptualDecisionMaking-v0", description="environment of neurogym, by NeuroGym's name for it"
    )
    neurogym_conditions: tuple[str, ...] = Field(
        (), strict=False, description="names in its trials that divide trial types, beside the right answer"
    )
