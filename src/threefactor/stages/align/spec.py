"""Stage ``align``: one job a learning rule and batch of networks."""

from collections.abc import Iterable

from threefactor.experiment import rules
from threefactor.experiment.spec import LEARNING, NUMBERS, Input, Settings, Spec, Values, task_of_settings
from threefactor.stages.align.settings import compared


def jobs(settings: Settings) -> Iterable[Values]:
    """List the learning rules and batches."""
    batches = [str(batch) for batch in range(settings.align.batches)]
    pairs = [(rule, batch) for rule in settings.retrain.rules for batch in batches]
    return [{"learning_rule": rule, "batch": batch} for rule, batch in pairs]


def learned(settings: Settings, values: Values) -> Iterable[Values]:
    """List the learned rules whose updates are compared."""
    return rules.learned_inputs(settings, settings.retrain.rules)


def tuned(settings: Settings, values: Values) -> Iterable[Values]:
    """List the rules that are tuned among those whose updates are compared."""
    return rules.tuned_inputs(settings, all_rules(settings, values))


def all_rules(settings: Settings, values: Values) -> Iterable[str]:
    """Name the rules whose updates are compared, the job's own among them."""
    return dict.fromkeys([*compared(settings), values["learning_rule"]])


SPEC = Spec(
    name="align",
    help="compare expected updates with the gradient by BPTT along training",
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
    outputs={
        "alignment": "align/{learning_rule}/{batch}.csv",
        "similarity": "align/{learning_rule}/{batch}.similarity.csv",
        "descent": "align/{learning_rule}/{batch}.descent.csv",
    },
    settings=(
        *NUMBERS,
        *LEARNING,
        *(
            "align.networks",
            "align.references",
            "align.burn_in",
            "align.snapshots",
            "align.blocks",
            "align.draws",
        ),
        *("align.quiet_draws", "align.subspace_along", "align.subspace_degree", "align.subspace_terms"),
        *("align.descent_steps", "align.descent_trials"),
        *(
            "retrain.networks",
            "retrain.gains",
            "retrain.snapshots",
            "retrain.rules",
            "tune.constants",
            "learning_rules.{rule}",
        ),
    ),
    tasks=task_of_settings,
    rules=all_rules,
    minutes=120,
)
