"""Settings of the plasticity that all three-factor rules share."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import Field

from threefactor.experiment.settings.block import Block, Time

Deviation = Literal["raw", "normalised", "standardised"]
"""What the eligibility takes of the postsynaptic state."""


class Plasticity(Block):
    """How eligibility and reward become a change of weights."""

    learning_rate: float = Field(
        0.00905, gt=0, description="learning rate η of polynomial rules in all stages, per ms of eligibility"
    )
    clip: float = Field(1.65e-3, gt=0, description="largest change c of one weight in one trial, no unit")
    baseline_decay: float = Field(0.616, ge=0, lt=1, description="decay α_R of the running reward, per trial")
    baseline_exponent: float = Field(
        2.10, ge=0, description="power s of |running reward| in the update, no unit"
    )
    trace_decay: float = Field(0.027, ge=0, lt=1, description="decay α_x of the state's trace, per time step")
    momentum: float = Field(
        0.0,
        ge=0,
        lt=1,
        description="momentum β: a weight changes by β of its last change and 1 − β of the step, no unit",
    )
    update_size: Annotated[float, Field(gt=0)] | Literal[""] = Field(
        "",
        description="normalised updates: root mean square of a unit's steps in one trial, whatever learning rate and "
        "clip are, '' for updates as they are, in units of the initial weights",
    )
    update_trials: float = Field(
        100.0, ge=1, description="normalised updates: trials over which their mean square is taken, in trials"
    )
    update_bound: float = Field(
        3.0, gt=0, description="normalised updates: bound of one, in units of its root mean square"
    )
    carry_trace: bool = Field(False, description="whether the trace is carried from one trial to the next")
    deviation: Deviation = Field(
        "raw",
        description="deviation that eligibility takes: 'raw', 'normalised' (over its unit's running rms), or "
        "'standardised' (less its running mean, then over the rms)",
    )
    deviation_mean_ms: float = Field(
        14.4, gt=0, description="decay time of a deviation's running mean, in ms"
    )
    deviation_rms_ms: float = Field(
        14.4, gt=0, description="decay time of a deviation's running mean square, in ms"
    )
    deviation_floor: float = Field(
        0.14, gt=0, description="least root mean square of a deviation, in units of the state"
    )
    deviation_bound: Annotated[float, Field(gt=0)] | Literal[""] = Field(
        "", description="bound of a normalised or standardised deviation, in units of its rms, '' for none"
    )
    weight_linear: float = Field(
        0.0,
        description="ω₁ of the weight-dependent factor of a synapse, f = 1 + ω₁ w + ω₂ (w² − 1), w = W √N / g, no unit",
    )
    weight_quadratic: float = Field(
        0.0, description="ω₂ of the same factor f of a synapse's eligibility, no unit"
    )
    gate_error: float = Field(
        0.0,
        description="ζ₁ of the factor of the gate, f = 1 + ζ₁ u + ζ₂ u² + ζ₃ v + ζ₄ v², u = (R − R̄)/(|R| + |R̄|), "
        "v = (R̄² − 1)/(R̄² + 1), no unit",
    )
    gate_error_squared: float = Field(0.0, description="ζ₂ of the same factor f of the gate, no unit")
    gate_baseline: float = Field(0.0, description="ζ₃ of the same factor f of the gate, no unit")
    gate_baseline_squared: float = Field(0.0, description="ζ₄ of the same factor f of the gate, no unit")
    eligibility_time_ms: Time = Field("", description="decay time τ_e of the eligibility, in ms, '' for none")
    weight_time_ms: Time = Field("", description="decay time τ_w of the weights, in ms, '' for none")
    warm_up_trials: int = Field(20, ge=0, description="trials before the weights begin to change, in trials")
    onset_steps: int = Field(
        3, ge=0, description="part of a trial before eligibility accumulates, in time steps"
    )


def conflicts(settings: Any) -> Iterator[str]:
    """Yield a line for each key of plasticity that does not fit a time step or a trial."""
    plasticity = settings.plasticity
    step, length = settings.network.time_step_ms, settings.task.duration_ms
    if plasticity.eligibility_time_ms != "" and plasticity.eligibility_time_ms < step:
        value = plasticity.eligibility_time_ms
        yield f"plasticity.eligibility_time_ms = {value}: must be at least {step} (a time step), or ''"
    if plasticity.weight_time_ms != "" and plasticity.weight_time_ms < length:
        yield f"plasticity.weight_time_ms = {plasticity.weight_time_ms}: must be at least {length} (a trial), or ''"
    if plasticity.onset_steps >= length / step:
        value = plasticity.onset_steps
        yield f"plasticity.onset_steps = {value}: must be less than {length / step:.0f}, the steps of a trial"
