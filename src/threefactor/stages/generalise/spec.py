"""Stage ``generalise``: one job a learning rule and batch of networks."""

from collections.abc import Iterable

from threefactor.experiment import rules
from threefactor.experiment.spec import LEARNING, NUMBERS, Input, Settings, Spec, Values


def jobs(settings: Settings) -> Iterable[Values]:
    """List the learning rules and batches."""
    batches = [str(batch) for batch in range(settings.retrain.batches)]
    pairs = [(rule, batch) for rule in settings.retrain.rules for batch in batches]
    return [{"learning_rule": rule, "batch": batch} for rule, batch in pairs]


def learned(settings: Settings, values: Values) -> Iterable[Values]:
    """List the learned rule that the job's rule takes its θ from, if it does."""
    return rules.learned_inputs(settings, [values["learning_rule"]])


def tuned(settings: Settings, values: Values) -> Iterable[Values]:
    """List the job's learning rule if it is tuned."""
    return rules.tuned_inputs(settings, [values["learning_rule"]])


def own_rule(settings: Settings, values: Values) -> Iterable[str]:
    """Name the job's learning rule."""
    return [values["learning_rule"]]


def both_tasks(settings: Settings, values: Values) -> Iterable[str]:
    """Name the task of the experiment, and the one that is learned next."""
    return [settings.task.name, *filter(None, [settings.generalise.next_task])]


SPEC = Spec(
    name="generalise",
    help="measure what trained networks do at a longer delay, with other noise, and on the next task",
    wildcards={
        "learning_rule": "one of retrain.rules, for example theta_33",
        "batch": "number of the batch of networks, from 0",
    },
    jobs=jobs,
    inputs={
        "solutions": Input("retrain/{learning_rule}/{batch}.safetensors"),
        "theta": Input("metalearn/{learned_rule}/theta.csv", learned),
        "hyperparameters": Input("metalearn/{learned_rule}/hyperparameters.csv", learned),
        "tuned": Input("tune/{tuned_rule}/tuned.csv", tuned),
    },
    outputs={"networks": "generalise/{learning_rule}/{batch}.csv"},
    settings=(
        *NUMBERS,
        *LEARNING,
        *("criterion", "retrain.networks", "retrain.levels", "retrain.evaluation_spacing", "analyse.level"),
        *("tune.constants", "generalise", "learning_rules.{rule}"),
    ),
    tasks=both_tasks,
    rules=own_rule,
)
