"""Conditions: the settings of an experiment with some of them changed."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from threefactor.declarations import TUNED_MARK
from threefactor.experiment.settings.errors import SettingsError, explain
from threefactor.experiment.view import dump, value_at

CHANGEABLE = ("task", "network", "perturbation", "plasticity", "criterion", "learning_rules")
"""Groups of settings that a condition may change."""

WHO = (
    *("transfer.rules", "transfer.networks", "transfer.batches"),
    *("transfer.tuned_rules", "transfer.tuning_draws", "transfer.tuning_networks"),
)
"""Keys that say which rules and how many networks a condition looks at; it may change these, too."""


def derive(settings: Any, condition: str) -> Any:
    """Return the settings under a condition of ``transfer.conditions``.

    Raises
    ------
    SettingsError
        In one line, with the condition, the key, its value and what it must be.
    """
    place = f"transfer.conditions.{condition}"
    values = settings.transfer.conditions[condition]
    for key, value in values.items():
        if key.partition(".")[0] not in CHANGEABLE and key not in WHO:
            raise SettingsError(f"{place}: {key} = {value!r}: must be {_changeable()}")
        if isinstance(value, Mapping) and isinstance(_at(settings, key), BaseModel):
            raise SettingsError(
                f"{place}: {key} = {value!r}: must be single keys, as '{key}.{next(iter(value), '…')}'"
            )
    return checked(settings, values, place)


def checked(settings: Any, values: Mapping[str, Any], place: str) -> Any:
    """Return settings with other values, by dotted key; types and bounds of all keys are checked.

    Raises
    ------
    SettingsError
        In one line, with the place that gave them, the key, its value and what it must be.
    """
    raw = dump(settings)
    for key, value in values.items():
        _set(raw, key, value, place)
    try:
        return type(settings).model_validate(raw)
    except ValidationError as problem:
        raise SettingsError(f"{place}: {explain(problem, type(settings))}") from None


def rules_of(settings: Any) -> list[str]:
    """List the learning rules that are trained under a condition, given the settings that hold in it."""
    chosen = list(settings.transfer.rules) or ["theta_33", *settings.metalearn.rules, "node_perturbation"]
    return chosen + [TUNED_MARK + rule for rule in settings.transfer.tuned_rules]


def jobs(settings: Any) -> list[dict[str, str]]:
    """List the condition, learning rule and batch of all jobs."""
    found = []
    for name in settings.transfer.conditions:
        under = derive(settings, name)
        found += [
            {"condition": name, "learning_rule": rule, "batch": str(batch)}
            for rule in rules_of(under)
            for batch in range(under.transfer.batches)
        ]
    return found


def tuning_jobs(settings: Any) -> list[dict[str, str]]:
    """List each condition and each rule whose constants are tuned for it."""
    return [
        {"condition": name, "tuned_rule": rule}
        for name in settings.transfer.conditions
        for rule in derive(settings, name).transfer.tuned_rules
    ]


def _changeable() -> str:
    """Say which keys a condition may change."""
    return f"a key of {', '.join(CHANGEABLE)}, as 'network.units', or {', '.join(WHO)}"


def _at(settings: Any, key: str) -> Any:
    """Return a setting or a group by its dotted key; None if there is none, which is found out later."""
    try:
        return value_at(settings, key)
    except (AttributeError, KeyError):
        return None


def _set(raw: dict[str, Any], key: str, value: object, place: str) -> None:
    """Put a value at a dotted key."""
    *above, last = key.split(".")
    for part in above:
        raw = raw.setdefault(part, {})
        if not isinstance(raw, dict):
            raise SettingsError(f"{place}: {key} = {value!r}: must be a key; {part!r} is no group of keys")
    raw[last] = value
