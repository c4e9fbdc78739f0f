"""Stage ``prune``: one job a learned rule, from dense to sparse."""

from collections.abc import Iterable
from typing import Any

from threefactor.experiment.rule_classes import first
from threefactor.experiment.spec import CRITERION, LEARNING, NUMBERS, Input, Settings, Spec, Values
from threefactor.experiment.view import changed


def jobs(settings: Settings) -> Iterable[Values]:
    """List the rules to be pruned."""
    return [{"learned_rule": key} for key in first(settings, settings.prune.learned_rules)]


def on_own_task(settings: Settings, values: Values) -> Any:
    """Return the settings with the task that the rule was learned on, where it has one of its own."""
    name = settings.metalearn.rules[values["learned_rule"]].task
    return changed(settings, {"task.name": name}) if name else settings


def tasks(settings: Settings, values: Values) -> Iterable[str]:
    """Name the task that the rule was learned on."""
    return [settings.task.name]


def estimator(settings: Settings, values: Values) -> Iterable[str]:
    """Name the module of the estimator of the meta-gradient."""
    return [f"metalearning.estimators.{settings.metalearn.rules[values['learned_rule']].estimator}"]


SPEC = Spec(
    name="prune",
    help="measure what each term of a learned rule contributes, and the path from dense to sparse",
    wildcards={"learned_rule": "one of the first prune.learned_rules of metalearn.rules"},
    jobs=jobs,
    inputs={
        "theta": Input("metalearn/{learned_rule}/theta.csv"),
        "hyperparameters": Input("metalearn/{learned_rule}/hyperparameters.csv"),
    },
    outputs={
        "path": "prune/{learned_rule}/path.csv",
        "contributions": "prune/{learned_rule}/contributions.csv",
    },
    settings=(
        *NUMBERS,
        *LEARNING,
        *CRITERION,
        *("prune.weights", "prune.steps", "prune.networks", "prune.trials", "prune.bootstraps"),
        *("metalearn.degree", "metalearn.scaling_networks", "metalearn.networks", "metalearn.trials"),
        *("metalearn.steps", "metalearn.learning_rate", "metalearn.norm", "metalearn.curriculum"),
        "metalearn.rules.{learned_rule}",
    ),
    effective=on_own_task,
    tasks=tasks,
    modules=estimator,
    minutes=240,
)
