"""Conditions: the settings of an experiment with some of them changed."""

from itertools import product
from typing import Any

from pydantic import ValidationError

from threefactor.experiment import rules as names
from threefactor.experiment.settings.errors import ConfigError, explain
from threefactor.pipeline.settings.model import Config

CHANGEABLE = ("task", "network", "perturbation", "plasticity", "criterion")
"""Blocks that a condition may change, beside the keys of single learning rules in `retrain`."""

WHO = ("transfer.rules", "transfer.networks", "transfer.batches")
"""Keys that say which rules and how many networks a condition looks at; it may change these, too."""


def derive(config: Config, condition: str) -> Config:
    """Return the settings under a condition of `transfer.conditions`.

    Raises
    ------
    ConfigError
        In one line, with the condition, the key, its value and what is allowed.
    """
    place = f"transfer.conditions.{condition}"
    raw = config.model_dump(mode="json", by_alias=True)
    for key, value in config.transfer.conditions[condition].items():
        if not _changeable(config, key):
            raise ConfigError(f"{place}: {key!r} = {value!r}: allowed are {_allowed(config)}")
        _set(raw, key, value, place)
    try:
        return Config.model_validate(raw)
    except ValidationError as problem:
        raise ConfigError(f"{place}: {explain(problem, Config)}") from None


def jobs(config: Config) -> list[tuple[str, str, str]]:
    """List the condition, learning rule and batch of all networks that are judged."""
    found: list[tuple[str, str, str]] = []
    for name in config.transfer.conditions:
        own = derive(config, name)
        found += product((name,), names.transferred(own), map(str, range(own.transfer.batches)))
    return found


def _changeable(config: Config, key: str) -> bool:
    """Tell whether a condition may change a key."""
    return key.partition(".")[0] in CHANGEABLE or key in WHO or key in names.of_rules(config)


def _allowed(config: Config) -> str:
    """Say which keys a condition may change."""
    more = ", ".join([*WHO, *names.of_rules(config)])
    return f"keys of {', '.join(CHANGEABLE)}, as 'network.units', and {more}"


def _set(raw: dict[str, Any], key: str, value: object, place: str) -> None:
    """Put a value at a dotted key."""
    *above, last = key.split(".")
    for part in above:
        raw = raw.setdefault(part, {})
        if not isinstance(raw, dict):
            raise ConfigError(f"{place}: {key!r} = {value!r}: {part!r} has no keys")
    raw[last] = value
