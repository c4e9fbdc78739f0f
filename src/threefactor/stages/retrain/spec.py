"""Stage ``retrain``: one job a learning rule and batch of networks."""

from collections.abc import Iterable

from threefactor.experiment import rules
from threefactor.experiment.spec import LEARNING, NUMBERS, Input, Settings, Spec, Values, task_of_settings


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


def accepts(settings: Settings, values: Values) -> str | None:
    """Refuse a rule that does not exist, and a batch that is not there; other rules can be run by hand."""
    rule, batch, count = values["learning_rule"], values["batch"], settings.retrain.batches
    if not rules.exists(settings, rule):
        return f"--learning-rule {rule}: must be {rules.choices(settings)}"
    if batch not in map(str, range(count)):
        return f"--batch {batch}: must be 0 to {count - 1} (retrain.batches - 1)"
    return None


SPEC = Spec(
    name="retrain",
    help="train a batch of fresh networks under one learning rule, to every level of error and on to a horizon",
    wildcards={
        "learning_rule": "a learning rule, for example theta_33",
        "batch": "number of the batch of networks, from 0",
    },
    jobs=jobs,
    accepts=accepts,
    inputs={
        "theta": Input("metalearn/{learned_rule}/theta.csv", learned),
        "hyperparameters": Input("metalearn/{learned_rule}/hyperparameters.csv", learned),
        "tuned": Input("tune/{tuned_rule}/tuned.csv", tuned),
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
        *("criterion", "retrain.networks", "retrain.horizon", "retrain.horizons", "retrain.levels"),
        *("retrain.evaluation_spacing", "retrain.snapshots", "tune.constants", "learning_rules.{rule}"),
    ),
    tasks=task_of_settings,
    rules=own_rule,
    minutes=240,
)
