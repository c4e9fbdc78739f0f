"""What rules, networks and numbers given by hand must be, in a notebook or a script."""

import math
from collections.abc import Mapping
from typing import Any

from threefactor.contract import Network, Rule
from threefactor.experiment import build, rules
from threefactor.experiment.settings.errors import SettingsError
from threefactor.learning_rules.polynomial import Polynomial
from threefactor.training.environment import Task


def expect_rule(settings: Any, name: str) -> None:
    """Refuse the name of no rule, that of one whose θ lies in a file, and one that does not suit the readout."""
    if rules.learned(settings, name):
        raise SettingsError(
            f"rule = {name!r}: must be read by load_rule, from the folder that stage metalearn wrote"
        )
    for line in rules.unknown(settings, "rule", [name]):
        raise SettingsError(line.replace("rule.0", "rule", 1))
    for line in rules.moves_readout(settings, "rule", [name]):
        raise SettingsError(line)


def expect_terms(theta: Mapping[tuple[int, int], float]) -> None:
    """Refuse coefficients that make no polynomial."""
    if not isinstance(theta, Mapping):
        raise SettingsError(f"rule = {theta!r}: must be a name, or coefficients by term, as {{(3, 3): -1.0}}")
    if not theta:
        raise SettingsError("rule = {}: must have a term, as {(3, 3): -1.0}")
    for term, value in theta.items():
        powers = term if isinstance(term, tuple) else ()
        if len(powers) != 2 or not all(isinstance(power, int) and power >= 0 for power in powers):
            raise SettingsError(f"rule: term {term!r}: must be two powers (k, l) from 0 on, as (3, 3)")
        if not math.isfinite(value):
            raise SettingsError(f"rule: coefficient of {term!r} = {value}: must be finite")


def expect_polynomial(rule: Rule) -> None:
    """Refuse a rule that has no θ."""
    if not isinstance(rule.params, Polynomial):
        raise SettingsError(f"rule = {rule.name!r}: must be a polynomial, which has coefficients θ")


def expect_count(name: str, count: int, *, least: int) -> None:
    """Refuse what is no number of things."""
    if not isinstance(count, int) or count < least:
        raise SettingsError(f"{name} = {count!r}: must be a whole number from {least} on")


def expect_network(settings: Any, network: Network, task: Task) -> None:
    """Refuse networks that were drawn under other settings of time or precision, or for another task."""
    leak = settings.network.time_step_ms / settings.network.time_constant_ms
    found = {
        "leak": (network.leak, leak),
        "input channels": (network.input_weights.shape[2], task.inputs),
        "outputs": (network.output_weights.shape[1], task.outputs),
        "precision": (network.weights.dtype, build.dtype(settings)),
    }
    for name, (own, wanted) in found.items():
        if own != wanted:
            raise SettingsError(f"network: {name} {own}: must be {wanted}, as in the settings")


def expect_same_settings(settings: Any, rule: Rule) -> None:
    """Refuse a polynomial rule that was made under another time step or precision."""
    if not isinstance(rule.params, Polynomial):
        return
    own = {"time step (ms)": rule.params.time_step, "precision": rule.params.theta.dtype}
    wanted = {"time step (ms)": settings.network.time_step_ms, "precision": build.dtype(settings)}
    for name, value in own.items():
        if value != wanted[name]:
            raise SettingsError(f"rule: {name} {value}: must be {wanted[name]}, as in the settings")
