"""Stage ``metalearn``: one job a rule to be learned."""

from collections.abc import Iterable
from typing import Any

from threefactor.experiment.spec import CRITERION, LEARNING, NUMBERS, Settings, Spec, Values
from threefactor.experiment.view import changed


def jobs(settings: Settings) -> Iterable[Values]:
    """List the rules to be learned."""
    return [{"learned_rule": key} for key in settings.metalearn.rules]


def on_own_task(settings: Settings, values: Values) -> Any:
    """Return the settings with the task that the rule is learned on, where it has one of its own."""
    name = settings.metalearn.rules[values["learned_rule"]].task
    return changed(settings, {"task.name": name}) if name else settings


def tasks(settings: Settings, values: Values) -> Iterable[str]:
    """Name the task that the rule is learned on."""
    return [settings.task.name]


def estimator(settings: Settings, values: Values) -> Iterable[str]:
    """Name the module of the estimator of the meta-gradient."""
    return [f"metalearning.estimators.{settings.metalearn.rules[values['learned_rule']].estimator}"]


SPEC = Spec(
    name="metalearn",
    help="learn the coefficients θ of a rule by tangents through learning",
    wildcards={"learned_rule": "a key of metalearn.rules"},
    jobs=jobs,
    outputs={
        "theta": "metalearn/{learned_rule}/theta.csv",
        "hyperparameters": "metalearn/{learned_rule}/hyperparameters.csv",
        "history": "metalearn/{learned_rule}/history.csv",
        "held_out": "metalearn/{learned_rule}/held_out.csv",
        "gradients": "metalearn/{learned_rule}/gradients.safetensors",
    },
    settings=(
        *NUMBERS,
        *LEARNING,
        *CRITERION,
        *("metalearn.degree", "metalearn.scaling_networks", "metalearn.networks", "metalearn.trials"),
        *("metalearn.steps", "metalearn.learning_rate", "metalearn.norm", "metalearn.curriculum"),
        *("metalearn.held_out_networks", "metalearn.held_out_trials", "metalearn.held_out_every"),
        *("metalearn.patience", "metalearn.rules.{learned_rule}"),
    ),
    effective=on_own_task,
    tasks=tasks,
    modules=estimator,
    minutes=240,
    priority=10,  # the longest jobs, which others wait for
)
