"""What the rules of ``metalearn.rules`` set for themselves; imports no torch, so that specs can ask."""

from collections.abc import Iterable
from typing import Any

from threefactor.experiment.spec import Settings, Values
from threefactor.experiment.view import changed

OF_RULES = ("eligibility_time_ms", "deviation", "deviation_bound", "momentum", "update_size")
"""Settings of plasticity that a learned rule may have instead of the experiment's: columns of its table, where it has."""


def settings_of(rule: Any) -> dict[str, Any]:
    """Return the settings of plasticity that a value of ``metalearn.rules`` has instead of the experiment's."""
    return {name: value for name in OF_RULES if (value := getattr(rule, name)) != ""}


def effective(settings: Settings, values: Values) -> Settings:
    """Return the settings under which a rule is learned: with its own task, time constant and deviation.

    A rule without conditions follows no distribution.

    Parameters
    ----------
    settings
        All settings of an experiment.
    values
        With ``learned_rule``, a key of ``metalearn.rules``.
    """
    rule = settings.metalearn.rules[values["learned_rule"]]
    private = {f"plasticity.{name}": value for name, value in settings_of(rule).items()}
    unread: dict[str, Any] = {} if rule.conditions else {"metalearn.distribution": {}}
    return changed(settings, private | unread | ({"task.name": rule.task} if rule.task else {}))


def tasks(settings: Settings, values: Values) -> Iterable[str]:
    """Name the tasks that a rule is learned on, given the settings that hold: that of its start, and those drawn."""
    spread = settings.metalearn.distribution.get("task.name")
    return list(dict.fromkeys([settings.task.name, *(spread.among if spread else ())]))


def estimator(settings: Settings, values: Values) -> Iterable[str]:
    """Name the module of the estimator of the meta-gradient by which a rule is learned."""
    return [f"metalearning.estimators.{settings.metalearn.rules[values['learned_rule']].estimator}"]
