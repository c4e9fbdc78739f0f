"""Names of the rules whose constants stage ``rivals`` tunes: hand-made rules by their deviation, and the learned rule."""

from typing import Any

LEARNED = "learned"
"""The family of the learned rule itself, whose constants are tuned like those of its rivals."""


def families(settings: Any) -> tuple[str, ...]:
    """List what is tuned: the rules of each deviation, and the learned rule; none without one."""
    chosen = settings.rivals
    return (LEARNED, *chosen.deviations) if chosen.learned_rule else ()


def judged_name(family: str, place: int) -> str:
    """Return the name of a tuned rule among those that are judged."""
    return f"{family}_{place}"
