"""Settings of tuning."""

from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import Field

from threefactor.experiment import rules
from threefactor.experiment.settings.block import Block, Name
from threefactor.experiment.view import value_at


class Tune(Block):
    """The same search of two constants for every learning rule, on networks that no other stage uses."""

    rules: Annotated[tuple[Name, ...], Field(strict=False)] = Field(
        (),
        description="learning rules that are tuned before retrain uses them, as in retrain.rules, [] for none",
    )
    constants: dict[Name, dict[str, float]] = Field(
        {},
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
    yield from rules.moves_readout(settings, "tune.rules", tune.rules)
    yield from rules.without_constants("tune.rules", tune.rules)
    for rule, constants in tune.constants.items():
        if not rules.exists(settings, rule):
            yield f"tune.constants.{rule}: must be {rules.choices(settings)}"
        groups = ("plasticity.", "perturbation.", f"learning_rules.{rules.file_of(rule)}.")
        for key, value in constants.items():
            place, usual = f"tune.constants.{rule}.{key} = {value}", _number(settings, key)
            if usual is None or not key.startswith(groups):
                yield f"{place}: must be of a number whose key begins with {', '.join(groups)}"
            elif isinstance(usual, int) and value != round(value):
                yield f"{place}: must be a whole number"


def _number(settings: Any, key: str) -> float | None:
    """Return the number of this key among the settings, or None."""
    try:
        found = value_at(settings, key)
    except (AttributeError, KeyError):
        return None
    return found if isinstance(found, int | float) and not isinstance(found, bool) else None
