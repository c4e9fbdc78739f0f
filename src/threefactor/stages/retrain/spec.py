"""Stage ``retrain``: one job a learning rule and batch of networks."""

from threefactor.experiment import retrained_batches, rules
from threefactor.experiment.spec import LEARNING, NUMBERS, Input, Settings, Spec, Values, task_of_settings


def accepts(settings: Settings, values: Values) -> str | None:
    """Refuse a rule that cannot be trained, and a batch that is not there; other rules can be run by hand."""
    rule, batch, count = values["learning_rule"], values["batch"], retrained_batches.count(settings)
    if words := rules.refusal(settings, "--learning-rule", rule):
        return words
    if batch not in map(str, range(count)):
        return f"--batch {batch}: must be 0 to {count - 1} (retrain.batches, for each gain)"
    return None


SPEC = Spec(
    name="retrain",
    help="train a batch of fresh networks under one learning rule, to every level of error and on to a horizon",
    wildcards={
        "learning_rule": "a learning rule, for example theta_33",
        "batch": "number of the batch of networks, from 0",
    },
    jobs=retrained_batches.jobs,
    accepts=accepts,
    inputs={
        "theta": Input("metalearn/{learned_rule}/theta.csv", retrained_batches.learned),
        "hyperparameters": Input("metalearn/{learned_rule}/hyperparameters.csv", retrained_batches.learned),
        "tuned": Input("tune/{tuned_rule}/tuned.csv", retrained_batches.tuned),
    },
    outputs={
        "solutions": "retrain/{learning_rule}/{batch}.safetensors",
        "networks": "retrain/{learning_rule}/{batch}.csv",
        "levels": "retrain/{learning_rule}/{batch}.levels.csv",
        "evaluations": "retrain/{learning_rule}/{batch}.evaluations.csv",
    },
    settings=(
        *NUMBERS,
        *LEARNING,
        *(
            "criterion",
            "retrain.networks",
            "retrain.gains",
            "retrain.horizon",
            "retrain.horizons.{learning_rule}",
            "retrain.levels",
        ),
        *(
            "retrain.evaluation_spacing",
            "retrain.snapshots",
            "tune.constants.{learning_rule}",
            "learning_rules.{rule}",
        ),
    ),
    tasks=task_of_settings,
    rules=retrained_batches.own_rule,
    minutes=240,
)
