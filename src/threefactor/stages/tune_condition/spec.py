"""Stage ``tune_condition``: one job a condition and learning rule whose constants are tuned for it."""

from collections.abc import Iterable
from typing import Any

from threefactor.experiment import conditions, rules
from threefactor.experiment.spec import LEARNING, NUMBERS, Input, Settings, Spec, Values, task_of_settings


def under_condition(settings: Settings, values: Values) -> Any:
    """Return the settings under the job's condition."""
    return conditions.derive(settings, values["condition"])


def learned(settings: Settings, values: Values) -> Iterable[Values]:
    """List the learned rule that the job's rule takes its θ from, if it does."""
    return rules.learned_inputs(settings, [values["tuned_rule"]])


def own_rule(settings: Settings, values: Values) -> Iterable[str]:
    """Name the job's learning rule."""
    return [values["tuned_rule"]]


def accepts(settings: Settings, values: Values) -> str | None:
    """Refuse a condition that is not there, and a rule that cannot be tuned in it; others can be tuned by hand."""
    condition, option, rule = values["condition"], "--tuned-rule", values["tuned_rule"]
    if condition not in settings.transfer.conditions:
        return f"--condition {condition}: must be {', '.join(settings.transfer.conditions)}"
    refused = rules.refusal(conditions.derive(settings, condition), option, rule)
    return refused or next(rules.without_constants(option, [rule]), None)


SPEC = Spec(
    name="tune_condition",
    help="search the constants of one learning rule for a condition of transfer",
    wildcards={
        "condition": "a key of transfer.conditions, for example sparse_large",
        "tuned_rule": "a learning rule, for example theta_33",
    },
    jobs=conditions.tuning_jobs,
    accepts=accepts,
    inputs={
        "theta": Input("metalearn/{learned_rule}/theta.csv", learned),
        "hyperparameters": Input("metalearn/{learned_rule}/hyperparameters.csv", learned),
    },
    outputs={
        "draws": "tune_condition/{condition}/{tuned_rule}.draws.csv",
        "constants": "tune_condition/{condition}/{tuned_rule}.constants.csv",
    },
    settings=(
        *NUMBERS,
        *LEARNING,
        *("criterion", "transfer.tuning_draws", "transfer.tuning_networks", "learning_rules.{rule}"),
    ),
    effective=under_condition,
    tasks=task_of_settings,
    rules=own_rule,
    minutes=240,
    priority=5,
)
