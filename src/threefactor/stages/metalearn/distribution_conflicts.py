"""What contradicts itself in the distribution of conditions that rules are learned over."""

from collections.abc import Iterator
from typing import Any

from threefactor.experiment import distribution
from threefactor.experiment.conditions import checked
from threefactor.experiment.settings.errors import SettingsError, suggestion
from threefactor.experiment.settings.spread import Spread, ends
from threefactor.experiment.view import changed
from threefactor.stages.metalearn.settings import LearnedRule

PLACE = "metalearn.distribution"

WHOLE_STEPS = ("network.time_step_ms", "task.duration_ms", "task.delay_ms")
"""Times of which one must be a multiple of another."""

PER_STEP = (
    *("plasticity.trace_decay", "plasticity.eligibility_time_ms"),
    *("plasticity.deviation_mean_ms", "plasticity.deviation_rms_ms"),
)
"""Hyperparameters that the core has per time step."""

PER_TRIAL = "plasticity.weight_time_ms"
"""The hyperparameter that the core has per trial."""


def of_rule(settings: Any, place: str, rule: LearnedRule) -> Iterator[str]:
    """Look at the conditions that a rule is learned under."""
    metalearn, count = settings.metalearn, rule.conditions
    if not count:
        return
    drawn = set(metalearn.distribution)
    if not drawn:
        yield f"{place}.conditions = {count}: must be 0 without {PLACE}"
    networks = metalearn.networks if rule.networks == "" else rule.networks
    if count > networks:
        yield f"{place}.conditions = {count}: must be at most {networks}, the networks that share them"
    held_out = metalearn.held_out_conditions
    if 0 < metalearn.held_out_networks < held_out:
        yield (
            f"metalearn.held_out_conditions = {held_out}: must be at most {metalearn.held_out_networks} "
            f"(metalearn.held_out_networks), with {place}.conditions"
        )
    if rule.task and "task.name" in drawn:
        yield f"{place}.task = {rule.task!r}: must be '' where task.name is drawn ({PLACE})"
    for key in rule.hyperparameters:
        if (
            key in drawn
            or (key in PER_STEP and distribution.STEP in drawn)
            or (key == PER_TRIAL and _length(drawn))
        ):
            yield (
                f"{place}.hyperparameters = {list(rule.hyperparameters)}: must be without {key!r} under conditions that "
                f"change it, its time step or its trial ({PLACE})"
            )


def _length(drawn: set[str]) -> bool:
    """Tell whether the length of a trial is drawn."""
    return any(key in WHOLE_STEPS or key.startswith("task.") for key in drawn)


def of_spreads(settings: Any) -> Iterator[str]:
    """Look at each setting that is drawn by itself: its key, and the ends of its values."""
    known = distribution.drawable(settings)
    for key, spread in settings.metalearn.distribution.items():
        if key not in known:
            groups = ", ".join(distribution.GROUPS)
            yield (
                f"{PLACE}.{key}: must be a key of {groups} whose value is a number or a text, as 'network.gain'"
                f"{suggestion(key, known)}"
            )
        else:
            yield from _of_spread(settings, key, spread)


def _of_spread(settings: Any, key: str, spread: Spread) -> Iterator[str]:
    """Look at what one setting is drawn from."""
    place = f"{PLACE}.{key}"
    if bool(spread.between) == bool(spread.among):
        yield f"{place}: must be either {{between: [low, high]}} or {{among: [a, b, ...]}}, not empty"
    elif spread.between and (len(spread.between) != 2 or spread.between[0] >= spread.between[1]):
        yield f"{place}.between = {list(spread.between)}: must be a lower and a higher bound"
    elif spread.between and key in WHOLE_STEPS:
        yield f"{place}.between = {list(spread.between)}: must be among: [a, b, ...], times of whole time steps"
    for end in ends(spread):
        value = distribution.like(settings, key, end)
        if value != end:
            yield f"{place}: {end} must be a whole number"
        try:
            checked(settings, {key: value}, place)
        except SettingsError as problem:
            yield str(problem)


def corners(settings: Any) -> Iterator[tuple[str, Any]]:
    """Yield the name and the settings of conditions in which two drawn keys are at an end, to be looked at."""
    for values in distribution.corners(settings):
        yield distribution.named(values), changed(settings, distribution.in_keeping(settings, values))
