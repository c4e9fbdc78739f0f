"""Stage ``generalise``: one job a learning rule and batch of networks."""

from collections.abc import Iterable

from threefactor.experiment import retrained_batches
from threefactor.experiment.spec import LEARNING, NUMBERS, Input, Settings, Spec, Values


def both_tasks(settings: Settings, values: Values) -> Iterable[str]:
    """Name the task of the experiment, and the one that is learned next."""
    return [settings.task.name, *filter(None, [settings.generalise.next_task])]


SPEC = Spec(
    name="generalise",
    help="measure what trained networks do under conditions that they never met, and on the next task",
    wildcards={
        "learning_rule": "one of retrain.rules, for example theta_33",
        "batch": "number of the batch of networks, from 0",
    },
    jobs=retrained_batches.jobs,
    inputs={
        "solutions": Input("retrain/{learning_rule}/{batch}.safetensors"),
        "theta": Input("metalearn/{learned_rule}/theta.csv", retrained_batches.learned),
        "hyperparameters": Input("metalearn/{learned_rule}/hyperparameters.csv", retrained_batches.learned),
        "tuned": Input("tune/{tuned_rule}/tuned.csv", retrained_batches.tuned),
    },
    outputs={"networks": "generalise/{learning_rule}/{batch}.csv"},
    settings=(
        *NUMBERS,
        *LEARNING,
        *(
            "criterion",
            "retrain.networks",
            "retrain.gains",
            "retrain.levels",
            "retrain.evaluation_spacing",
            "analyse.level",
        ),
        *("tune.constants.{learning_rule}", "generalise", "learning_rules.{rule}"),
    ),
    tasks=both_tasks,
    rules=retrained_batches.own_rule,
)
