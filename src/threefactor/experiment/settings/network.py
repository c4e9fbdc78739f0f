"""Settings of the network."""

from collections.abc import Iterator
from typing import Annotated, Any, Literal

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
        description="share of free units, the last ones, that inhibit; all others excite (Dale's law); '' for either, "
        "no unit",
    )
    input_scale: float = Field(2.0, ge=0, description="input weights are drawn from ± this, no unit")
    start_scale: float = Field(
        0.1, ge=0, description="states at the start of a trial are drawn from ± this, no unit"
    )
    clamped: dict[Unit, float] = Field(
        {1: 1.0, 10: 1.0, 11: -1.0}, description="units held at a state: {unit: state}, no unit"
    )
    readout: Literal["unit", "random"] = Field(
        "unit", description="output: 'unit' 0 itself, or a fixed 'random' combination of all units"
    )
    output_scale: float = Field(
        1.0, gt=0, description="standard deviation of a random readout's weights times √N, no unit"
    )
    feedback: float = Field(
        0.0,
        ge=0,
        description="weights from the outputs back to the free units are drawn from ± this, 0 for none, no unit",
    )


def conflicts(settings: Any) -> Iterator[str]:
    """Yield a line for each key of the network that does not fit the others."""
    network = settings.network
    last, free = network.units - 1, network.units - len(network.clamped)
    for unit in network.clamped:
        if unit > last:
            yield f"network.clamped.{unit}: must be one of the units 0 to {last} (network.units - 1)"
        if unit == 0 and network.readout == "unit":
            yield "network.clamped.0: must be another unit, since unit 0 is the output (network.readout = 'unit')"
    density, share, units = network.density, network.inhibitory, network.units
    if density * units < 1:
        yield f"network.density = {density}: must be at least {1 / units:g}, a synapse onto each unit on average"
    if share != "" and not 0 < round(share * free) < free:
        yield f"network.inhibitory = {share}: must leave units of both signs among {free} free units, or be ''"
    yield from _feedback_conflicts(network)
    step, tau = network.time_step_ms, network.time_constant_ms
    if step > tau:
        yield f"network.time_step_ms = {step}: must be at most {tau} (network.time_constant_ms)"
    plasticity = settings.plasticity
    if network.gain == 0 and (plasticity.weight_linear or plasticity.weight_quadratic):
        yield "network.gain = 0.0: must be positive with plasticity.weight_linear or .weight_quadratic"


def _feedback_conflicts(network: Network) -> Iterator[str]:
    """Yield a line if outputs are fed back where they are units, or where synapses constrain what is fed back."""
    if network.feedback == 0:
        return
    place = f"network.feedback = {network.feedback}"
    if network.readout == "unit":
        yield f"{place}: must be 0 with network.readout = 'unit', an output that has recurrent weights already"
    if network.density < 1 or network.inhibitory != "":
        yield f"{place}: must be 0 with network.density < 1 or network.inhibitory, since it adds to all weights"
