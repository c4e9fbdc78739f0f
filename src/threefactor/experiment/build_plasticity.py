"""Turn settings of plasticity into the constants of the core."""

import math
from typing import Any

from threefactor.contract import GateShape, Normalisation
from threefactor.kernels.standardise import Standard


def gate_shape(settings: Any) -> GateShape:
    """Return the coefficients of the factor of the gate."""
    return GateShape(*(getattr(settings.plasticity, name) for name in GateShape._fields))


def weight_unit(settings: Any) -> float:
    """Return g/√N, by which weights differ at the start: N counts the synapses of a unit."""
    network = settings.network
    return float(network.gain / (network.density * network.units) ** 0.5)


def clip(settings: Any) -> float:
    """Return the largest change of one weight in one trial; normalised updates have a bound instead."""
    return math.inf if settings.plasticity.update_size != "" else float(settings.plasticity.clip)


def standard(settings: Any) -> Standard | None:
    """Return the constants of a standardised deviation, if eligibility takes one."""
    plasticity, step = settings.plasticity, settings.network.time_step_ms
    if plasticity.deviation == "raw":
        return None
    is_centred = plasticity.deviation == "standardised"
    mean = math.exp(-step / plasticity.deviation_mean_ms) if is_centred else None
    square = math.exp(-step / plasticity.deviation_rms_ms)
    return Standard(mean, square, plasticity.deviation_floor, limit(plasticity.deviation_bound))


def normalisation(settings: Any) -> Normalisation | None:
    """Return the constants of normalised updates, if updates are."""
    plasticity = settings.plasticity
    if plasticity.update_size == "":
        return None
    keep = 1 - 1 / plasticity.update_trials
    return Normalisation(plasticity.update_size, weight_unit(settings), keep, plasticity.update_bound)


def limit(value: float | str) -> float:
    """Return a time constant or a bound; an empty text stands for infinity."""
    return float("inf") if value == "" else float(value)
