"""What is wrong with the settings that a learning rule or a task declares."""

from typing import Any

KEYS = {"default", "meaning", "unit", "choices", "above", "at_least", "below", "at_most"}
"""Of a setting."""

INSIDE = {
    "above": lambda value, bound: value > bound,
    "at_least": lambda value, bound: value >= bound,
    "below": lambda value, bound: value < bound,
    "at_most": lambda value, bound: value <= bound,
}


def problems(settings: dict[str, dict[str, Any]]) -> list[str]:
    """Say what is wrong with the declaration of settings: keys, a missing meaning, a default out of bounds."""
    found = []
    for name, one in settings.items():
        default = one.get("default")
        if unknown := one.keys() - KEYS:
            found.append(f"{name}: unknown {sorted(unknown)}")
        if "default" not in one or not one.get("meaning"):
            found.append(f"{name}: without default or meaning")
        if "choices" in one and default not in one["choices"]:
            found.append(f"{name}: default is no choice")
        found += [
            f"{name}: default not {key}" for key in INSIDE.keys() & one if not INSIDE[key](default, one[key])
        ]
    return found
