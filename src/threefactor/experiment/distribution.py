"""Conditions of a distribution: an experiment's settings with some values drawn anew; imports no torch, as conflicts.

What is given per time step keeps its time where a condition has another step.
"""

from collections.abc import Iterator, Mapping
from itertools import combinations, product
from typing import Any

from pydantic import BaseModel

from threefactor.experiment.settings import network, perturbation, plasticity, task
from threefactor.experiment.settings.spread import ends
from threefactor.experiment.view import members, value_at

GROUPS = ("task", "network", "perturbation")
"""Groups of settings that a distribution may draw."""

STEP = "network.time_step_ms"


def drawable(settings: Any) -> list[str]:
    """List the keys that a distribution may draw, those whose value is a number or a text; of all settings."""
    return [key for group in GROUPS for key in _single(value_at(settings, group), group)]


def _single(node: Any, path: str) -> Iterator[str]:
    """Yield the keys of single settings of a group."""
    for name, value in members(node):
        if isinstance(value, BaseModel):
            yield from _single(value, f"{path}.{name}")
        elif isinstance(value, int | float | str) and not isinstance(value, bool):
            yield f"{path}.{name}"


def like(settings: Any, key: str, value: Any) -> Any:
    """Return a value that is drawn for a key, of the type that it has: whole numbers whole."""
    if isinstance(value, str):
        return value
    return round(value) if isinstance(value_at(settings, key), int) else float(value)


def in_keeping(settings: Any, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of a condition by key, with those settings that are given per time step and follow it."""
    step = settings.network.time_step_ms
    return {**values, **per_step(settings.plasticity, step, values.get(STEP, step))}


def per_step(plasticity: Any, old: float, new: float) -> dict[str, float]:
    """Return the settings of plasticity that are given per time step, by dotted key, at a new time step.

    ``α_x' = α_x^(dt'/dt)`` decays in as many ms, and the onset ends after as many ms, to the nearest step.

    Parameters
    ----------
    plasticity
        With the trace's decay and the onset at the old time step.
    old, new
        Time steps dt and dt', ms.
    """
    if new == old:
        return {}
    return {
        "plasticity.trace_decay": plasticity.trace_decay ** (new / old),
        "plasticity.onset_steps": round(plasticity.onset_steps * old / new),
    }


def corners(settings: Any) -> Iterator[dict[str, Any]]:
    """Yield conditions of ``metalearn.distribution``: any two keys at any of their ends, all others at their first."""
    found = {
        key: [like(settings, key, end) for end in ends(spread)]
        for key, spread in settings.metalearn.distribution.items()
    }
    first = {key: values[0] for key, values in found.items()}
    for keys in combinations(first, min(2, len(first))):
        for values in product(*(found[key] for key in keys)):
            yield first | dict(zip(keys, values, strict=True))


def conflicts(settings: Any) -> Iterator[str]:
    """Yield a line for each key of task, network, perturbation and plasticity that does not fit the others."""
    for block in (task, network, perturbation, plasticity):
        yield from block.conflicts(settings)


def named(values: Mapping[str, Any]) -> str:
    """Name the distribution and the values of a condition, for a message."""
    return f"metalearn.distribution ({', '.join(f'{key} = {value!r}' for key, value in values.items())})"
