"""Stage ``transfer``: one job a condition, learning rule and batch of networks."""

from collections.abc import Iterable
from typing import Any

from threefactor.declarations import TUNED_MARK
from threefactor.experiment import conditions, rules
from threefactor.experiment.spec import LEARNING, NUMBERS, Input, Settings, Spec, Values, task_of_settings


def under_condition(settings: Settings, values: Values) -> Any:
    """Return the settings under the job's condition."""
    return conditions.derive(settings, values["condition"])


def learned(settings: Settings, values: Values) -> Iterable[Values]:
    """List the learned rule that the job's rule takes its θ from, if it does."""
    return rules.learned_inputs(settings, own_rule(settings, values))


def tuned(settings: Settings, values: Values) -> Iterable[Values]:
    """List the rule whose constants were tuned for the condition, where the job runs one."""
    is_tuned = values["learning_rule"].startswith(TUNED_MARK)
    return [{"tuned_rule": rules.untuned(values["learning_rule"])}] if is_tuned else []


def own_rule(settings: Settings, values: Values) -> Iterable[str]:
    """Name the job's learning rule."""
    return [rules.untuned(values["learning_rule"])]


def accepts(settings: Settings, values: Values) -> str | None:
    """Refuse a condition or batch that is not there, and a rule that cannot be trained; others can be run by hand."""
    condition, rule, batch = values["condition"], values["learning_rule"], values["batch"]
    if condition not in settings.transfer.conditions:
        return f"--condition {condition}: must be {', '.join(settings.transfer.conditions)}"
    under = conditions.derive(settings, condition)
    if words := rules.refusal(under, "--learning-rule", rules.untuned(rule)):
        return words
    count = under.transfer.batches
    if batch not in map(str, range(count)):
        return f"--batch {batch}: must be 0 to {count - 1} (transfer.batches - 1)"
    return None


SPEC = Spec(
    name="transfer",
    help="train fresh networks under one learning rule and other settings, a condition",
    wildcards={
        "condition": "a key of transfer.conditions, for example sparse_large",
        "learning_rule": "a learning rule, for example theta_33, or tuned_theta_33 with constants of the condition",
        "batch": "number of the batch of networks, from 0",
    },
    jobs=conditions.jobs,
    accepts=accepts,
    inputs={
        "theta": Input("metalearn/{learned_rule}/theta.csv", learned),
        "hyperparameters": Input("metalearn/{learned_rule}/hyperparameters.csv", learned),
        "tuned": Input("tune_condition/{condition}/{tuned_rule}.constants.csv", tuned),
    },
    outputs={
        "networks": "transfer/{condition}/{learning_rule}/{batch}.csv",
        "curve": "transfer/{condition}/{learning_rule}/{batch}.curve.csv",
    },
    settings=(*NUMBERS, *LEARNING, "criterion", "transfer.networks", "learning_rules.{rule}"),
    effective=under_condition,
    tasks=task_of_settings,
    rules=own_rule,
    minutes=240,
)
