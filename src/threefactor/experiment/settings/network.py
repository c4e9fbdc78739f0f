"""Settings of the network."""

from typing import Annotated, Literal

from pydantic import Field

from threefactor.experiment.settings.block import Block

Unit = Annotated[int, Field(ge=0, strict=False)]

Share = Annotated[float, Field(gt=0, lt=1)] | Literal[""]
"""Part of a whole; an empty text stands for no division."""


class Network(Block):
    """The rate network before it learns."""

    units: int = Field(128, ge=4, description="number of units N")
    time_step_ms: float = Field(10.0, gt=0, description="time step dt, in ms")
    time_constant_ms: float = Field(100.0, gt=0, description="time constant τ of a unit, in ms")
    gain: float = Field(
        1.5, ge=0, description="gain g: standard deviation of initial weights times √N, no unit"
    )
    activation: Literal["tanh", "relu", "softplus"] = Field(
        "tanh", description="rate of a unit by its state: 'tanh', 'relu' or 'softplus'"
    )
    density: float = Field(1.0, gt=0, le=1, description="share of all synapses that exist, no unit")
    inhibitory: Share = Field(
        "",
        description="share of free units, the last ones, that inhibit, all others excite (Dale's law), '' for either",
    )
    input_scale: float = Field(2.0, ge=0, description="input weights are drawn from ± this, no unit")
    start_scale: float = Field(0.1, ge=0, description="states at the start of a trial are drawn from ± this")
    clamped: dict[Unit, float] = Field(
        {1: 1.0, 10: 1.0, 11: -1.0}, description="units held at a state: {unit: state}, no unit"
    )
    readout: Literal["unit", "random"] = Field(
        "unit", description="output: 'unit' 0 itself, or a fixed 'random' combination of all units"
    )
