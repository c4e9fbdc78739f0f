"""What a rule given by hand must be, in a notebook or a script."""

import math
from collections.abc import Mapping
from typing import Any

from threefactor.contract import Rule
from threefactor.experiment import rules
from threefactor.experiment.settings.errors import SettingsError
from threefactor.learning_rules.polynomial import Polynomial


def expect_rule(settings: Any, name: str) -> None:
    """Refuse the name of no rule, and that of one whose θ lies in a file."""
    if rules.learned(settings, name):
        raise SettingsError(
            f"rule = {name!r}: must be read by load_rule, from the folder that stage metalearn wrote"
        )
    for line in rules.unknown(settings, "rule", [name]):
        raise SettingsError(line.replace("rule.0", "rule", 1))


def expect_terms(theta: Mapping[tuple[int, int], float]) -> None:
    """Refuse coefficients that make no polynomial."""
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
