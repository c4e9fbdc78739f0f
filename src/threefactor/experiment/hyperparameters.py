"""Meta-learned hyperparameters: what a key of the settings is in the core, and the way between their values."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from threefactor.experiment import build
from threefactor.experiment.settings.errors import SettingsError
from threefactor.experiment.view import value_at
from threefactor.metalearning import transforms


class InCore(NamedTuple):
    """What a setting is in the core."""

    name: str
    unit: str  # of the setting; empty for none


IN_CORE = {
    "plasticity.learning_rate": InCore("learning_rate", "per ms"),
    "plasticity.clip": InCore("clip", ""),
    "plasticity.baseline_exponent": InCore("baseline_exponent", ""),
    "plasticity.baseline_decay": InCore("baseline_decay", "per trial"),
    "plasticity.trace_decay": InCore("trace_decay", "per time step"),
    "plasticity.eligibility_time_ms": InCore("eligibility_decay", "ms"),
    "plasticity.weight_time_ms": InCore("weight_decay", "ms"),
    "plasticity.momentum": InCore("momentum", ""),
    "plasticity.update_size": InCore("update_size", "g/√N"),
    "plasticity.deviation_mean_ms": InCore("deviation_mean_decay", "ms"),
    "plasticity.deviation_rms_ms": InCore("deviation_rms_decay", "ms"),
    "plasticity.deviation_floor": InCore("deviation_floor", "units of the state"),
    "plasticity.deviation_bound": InCore("deviation_bound", "running rms"),
    "plasticity.weight_linear": InCore("weight_linear", ""),
    "plasticity.weight_quadratic": InCore("weight_quadratic", ""),
    "plasticity.gate_error": InCore("gate_error", ""),
    "plasticity.gate_error_squared": InCore("gate_error_squared", ""),
    "plasticity.gate_baseline": InCore("gate_baseline", ""),
    "plasticity.gate_baseline_squared": InCore("gate_baseline_squared", ""),
    "perturbation.size": InCore("perturbation_scale", ""),
    "perturbation.rate_per_ms": InCore("perturbation_share", "per ms"),
    "perturbation.noise": InCore("perturbation_scale", ""),
}
"""By key of the settings."""

RUNNING = ("plasticity.deviation_mean_ms", "plasticity.deviation_rms_ms")
"""Decay times of running means."""


def names(keys: Sequence[str]) -> tuple[str, ...]:
    """Return what settings are called in the core."""
    return tuple(IN_CORE[key].name for key in keys)


def core_values(settings: Any, keys: Sequence[str]) -> dict[str, float]:
    """Return the values of settings in the core, by their names there.

    Raises
    ------
    SettingsError
        If a value is at its limit, from where no step leads away.
    """
    found = {}
    for key in keys:
        name, value = IN_CORE[key].name, float(value_at(settings, key))
        found[name] = _to_core(settings, key, value)
        try:
            transforms.coordinate(name, found[name])
        except ValueError as problem:
            raise SettingsError(f"{key} = {value}: must be away from its limit ({problem})") from None
    return found


def setting_values(settings: Any, keys: Sequence[str], values: Mapping[str, float]) -> dict[str, float]:
    """Return the values of settings by their keys, from values in the core by their names."""
    return {key: _from_core(settings, key, values[IN_CORE[key].name]) for key in keys}


def with_hyperparameters(settings: Any, keys: Sequence[str], values: Mapping[str, float]) -> Any:
    """Return the settings with other values of hyperparameters, from values in the core by their names."""
    return settings.changed(setting_values(settings, keys, values))


def _to_core(settings: Any, key: str, value: float) -> float:
    """Return the core's value of a setting; sizes and rates of perturbations stay, since only ratios of them count."""
    step = float(settings.network.time_step_ms)
    if key in RUNNING:
        return math.exp(-step / value)
    if key == "plasticity.eligibility_time_ms":
        return 1 - step / value
    return _trial_ms(settings) / value if key == "plasticity.weight_time_ms" else value


def _from_core(settings: Any, key: str, value: float) -> float:
    """Return the setting of a core's value."""
    step = float(settings.network.time_step_ms)
    if key in RUNNING:
        return -step / math.log(value)
    if key == "plasticity.eligibility_time_ms":
        return step / (1 - value)
    return _trial_ms(settings) / value if key == "plasticity.weight_time_ms" else value


def _trial_ms(settings: Any) -> float:
    """Return the length of a trial in ms."""
    return float(build.task(settings).steps * settings.network.time_step_ms)
