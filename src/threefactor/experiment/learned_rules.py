"""What the rules of ``metalearn.rules`` set for themselves; imports no torch, so that specs can ask."""

from collections.abc import Mapping
from typing import Any

from threefactor.experiment.view import changed

OF_RULES = ("eligibility_time_ms", "deviation")
"""Settings of plasticity that a learned rule may have instead of the experiment's: columns of its table, where it has."""


def settings_of(rule: Any) -> dict[str, Any]:
    """Return the settings of plasticity that a value of ``metalearn.rules`` has instead of the experiment's."""
    return {name: value for name in OF_RULES if (value := getattr(rule, name)) != ""}


def task_of(settings: Any, key: str) -> str:
    """Name the task on which a rule is learned, by the rule's key."""
    return str(settings.metalearn.rules[key].task or settings.task.name)


def under(settings: Any, key: str) -> Any:
    """Return the settings under which a rule is learned: with its own task, time constant and deviation.

    Parameters
    ----------
    settings
        All settings of an experiment.
    key
        Of ``metalearn.rules``.
    """
    private: Mapping[str, Any] = settings_of(settings.metalearn.rules[key])
    values = {f"plasticity.{name}": value for name, value in private.items()}
    return changed(settings, {"task.name": task_of(settings, key), **values})


def estimator_of(settings: Any, key: str) -> str:
    """Name the module of the estimator by which a rule is learned, below the package, by the rule's key."""
    return f"metalearning.estimators.{settings.metalearn.rules[key].estimator}"
