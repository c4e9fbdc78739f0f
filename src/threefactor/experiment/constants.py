"""Constants of learning rules that are tuned: between which bounds, and how those that were found are put in force."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from threefactor.experiment import rules
from threefactor.experiment.view import value_at
from threefactor.metalearning.draws import Bounds

SHARED: Bounds = {
    "plasticity.clip": (0.25, 4.0),
    "plasticity.baseline_decay": (0.5, 1.5),
    "plasticity.baseline_exponent": (0.2, 1.5),
    "plasticity.trace_decay": (0.3, 10.0),
}
"""Bounds of the constants of all polynomial rules."""

LEARNING_RATE = (1 / 16, 16.0)
"""Bounds of a learning rate that is tuned for a condition, in which the usual one may be far off."""

DECAYS = ("plasticity.baseline_decay", "plasticity.trace_decay")
"""Constants that must be less than 1."""

LARGEST_DECAY = 0.99
"""Largest value of these that is tried."""


def bounds_for_condition(rule: str) -> Bounds:
    """Return the bounds of the constants that are tuned for a condition, by dotted key.

    A polynomial rule has its learning rate and `SHARED`; another has those that its file declares.
    """
    if rules.file_of(rule) == rules.POLYNOMIAL:
        return {"plasticity.learning_rate": LEARNING_RATE, **SHARED}
    declared = rules.tuned_keys(rule)
    return {key: LEARNING_RATE if is_learning_rate(key) else bounds for key, bounds in declared.items()}


def is_learning_rate(key: str) -> bool:
    """Tell whether a dotted key is that of a learning rate."""
    return key.rpartition(".")[2] == "learning_rate"


def below_one(bounds: Bounds, usual: Mapping[str, float]) -> dict[str, tuple[float, float]]:
    """Return the bounds, multiples of the usual values, such that decays stay below 1."""
    return {key: (low, _largest(key, high, usual[key])) for key, (low, high) in bounds.items()}


def with_constants(settings: Any, rule: str, tuned: pd.DataFrame | None) -> Any:
    """Return the settings under which a learning rule runs: with its own constants in force, whole numbers whole.

    Parameters
    ----------
    settings
        Of an experiment, with ``tune.constants``, or those of this rule.
    rule
        Name of the learning rule.
    tuned
        ``tuned.csv`` of stage ``tune``, which comes before ``tune.constants``; None for a rule that was not tuned.
    """
    found = settings.tune.constants
    return in_force(settings, (dict(found[rule]) if rule in found else {}) | constants_in(tuned))


def constants_in(tuned: pd.DataFrame | None) -> dict[str, float]:
    """Return the constants of a table with a row per constant, by dotted key; none without a table."""
    if tuned is None:
        return {}
    return dict(zip(tuned["name"], tuned["value"].astype(float).tolist(), strict=True))


def in_force(settings: Any, constants: Mapping[str, float]) -> Any:
    """Return the settings with other constants, by dotted key; whole numbers stay whole."""
    return settings.changed({key: like(value_at(settings, key), value) for key, value in constants.items()})


def _largest(key: str, high: float, usual: float) -> float:
    """Return the upper bound of a constant, less where it would take a decay beyond the largest."""
    if key not in DECAYS or not usual:
        return high
    return max(1.0, min(high, LARGEST_DECAY / usual))


def like(usual: float, value: float) -> float:
    """Return a value of the type of the usual one: a table of constants knows no whole numbers."""
    return round(value) if isinstance(usual, int) else value
