"""Settings of tuning."""

from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import Field

from threefactor.experiment import rules
from threefactor.experiment.settings.block import Block, Name
from threefactor.experiment.settings.errors import SettingsError
from threefactor.experiment.view import value_at


class Tune(Block):
    """The same search of two constants for every learning rule, on networks that no other stage uses."""

    rules: Annotated[tuple[Name, ...], Field(strict=False)] = Field(
        (),
        description="learning rules that are tuned before retrain uses them, as in retrain.rules, [] for none",
    )
    constants: dict[Name, dict[str, float]] = Field(
        {"theta_33_standardised": {"plasticity.learning_rate": 9.0e-5}},
        description="constants that a learning rule has instead of those of the settings, by its name and dotted key; "
        "what tune finds comes before them",
    )
    draws: int = Field(
        16, ge=1, description="values of the constants that are tried, the usual ones first, number"
    )
    networks: int = Field(16, ge=1, description="networks that learn with each, number of networks")
    trials: int = Field(1000, ge=1, description="trials of learning of each network, in trials")


def conflicts(settings: Any) -> Iterator[str]:
    """Yield a line for each rule that does not exist or cannot learn this task, and each key that there is not."""
    tune = settings.tune
    yield from rules.unknown(settings, "tune.rules", tune.rules)
    yield from rules.without_derivative(settings, "tune.rules", tune.rules)
    for rule, constants in tune.constants.items():
        if not rules.exists(settings, rule):
            yield f"tune.constants.{rule}: must be {rules.choices(settings)}"
        for key in constants:
            if not _is_number(settings, key):
                yield f"tune.constants.{rule}.{key}: must be the dotted key of a number, as plasticity.learning_rate"


def _is_number(settings: Any, key: str) -> bool:
    """Tell whether there is a number among the settings of this key."""
    try:
        found = value_at(settings, key)
    except (AttributeError, KeyError, SettingsError):
        return False
    return isinstance(found, int | float) and not isinstance(found, bool)
