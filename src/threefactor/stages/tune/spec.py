"""Stage ``tune``: one job a learning rule that is tuned."""

from collections.abc import Iterable

from threefactor.experiment import rules
from threefactor.experiment.spec import LEARNING, NUMBERS, Input, Settings, Spec, Values, task_of_settings


def jobs(settings: Settings) -> Iterable[Values]:
    """List the learning rules."""
    return [{"tuned_rule": rule} for rule in settings.tune.rules]


def learned(settings: Settings, values: Values) -> Iterable[Values]:
    """List the learned rule that the job's rule takes its θ from, if it does."""
    return rules.learned_inputs(settings, [values["tuned_rule"]])


def own_rule(settings: Settings, values: Values) -> Iterable[str]:
    """Name the job's learning rule."""
    return [values["tuned_rule"]]


def accepts(settings: Settings, values: Values) -> str | None:
    """Refuse a rule that cannot be trained or has nothing to tune; other rules can be tuned by hand."""
    option, rule = "--tuned-rule", values["tuned_rule"]
    return rules.refusal(settings, option, rule) or next(rules.without_constants(option, [rule]), None)


SPEC = Spec(
    name="tune",
    help="search the constants of one learning rule, with the same budget for every rule",
    wildcards={"tuned_rule": "a learning rule, for example theta_33"},
    jobs=jobs,
    accepts=accepts,
    inputs={
        "theta": Input("metalearn/{learned_rule}/theta.csv", learned),
        "hyperparameters": Input("metalearn/{learned_rule}/hyperparameters.csv", learned),
    },
    outputs={
        "draws": "tune/{tuned_rule}/draws.csv",
        "tuned": "tune/{tuned_rule}/tuned.csv",
    },
    settings=(
        *NUMBERS,
        *LEARNING,
        *("criterion", "retrain.levels", "retrain.evaluation_spacing", "learning_rules.{rule}"),
        *("tune.constants.{tuned_rule}", "tune.draws", "tune.networks", "tune.trials"),
    ),
    tasks=task_of_settings,
    rules=own_rule,
    minutes=240,
    priority=5,
)
