"""The batches of stage ``retrain``: which there are, and which gain the initial weights of each have.

Imports no torch, so that specs can ask.
"""

from collections.abc import Iterable
from typing import Any

from threefactor.experiment import rules
from threefactor.experiment.spec import Settings, Values


def count(settings: Settings) -> int:
    """Count the batches of each learning rule: so many for each gain."""
    return int(settings.retrain.batches) * max(1, len(settings.retrain.gains))


def jobs(settings: Settings) -> Iterable[Values]:
    """List the learning rules and batches."""
    batches = [str(batch) for batch in range(count(settings))]
    pairs = [(rule, batch) for rule in settings.retrain.rules for batch in batches]
    return [{"learning_rule": rule, "batch": batch} for rule, batch in pairs]


def under_gain(settings: Any, batch: int) -> Any:
    """Return the settings of a batch: with its own gain, which batches have in turn."""
    gains = settings.retrain.gains
    return settings.changed({"network.gain": gains[batch % len(gains)]}) if gains else settings


def learned(settings: Settings, values: Values) -> Iterable[Values]:
    """List the learned rule that the job's rule takes its θ from, if it does."""
    return rules.learned_inputs(settings, [values["learning_rule"]])


def tuned(settings: Settings, values: Values) -> Iterable[Values]:
    """List the job's learning rule if it is tuned."""
    return rules.tuned_inputs(settings, [values["learning_rule"]])


def own_rule(settings: Settings, values: Values) -> Iterable[str]:
    """Name the job's learning rule."""
    return [values["learning_rule"]]
