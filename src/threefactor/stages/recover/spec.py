"""Stage ``recover``: one job over all ground-truth rules."""

from collections.abc import Iterable

from threefactor.experiment.rule_classes import recoverable
from threefactor.experiment.spec import LEARNING, Input, Settings, Spec, Values, task_of_settings


def recovered(settings: Settings, values: Values) -> Iterable[Values]:
    """List the learned rules that are recovered."""
    return [{"learned_rule": key} for key in recoverable(settings)]


SPEC = Spec(
    name="recover",
    help="recover ground-truth rules from networks that learn by them, with error bars",
    inputs={
        "theta": Input("metalearn/{learned_rule}/theta.csv", recovered),
        "hyperparameters": Input("metalearn/{learned_rule}/hyperparameters.csv", recovered),
    },
    outputs={"terms": "recover/terms.csv", "coverage": "recover/coverage.csv"},
    settings=("seed", *LEARNING, "recover", "metalearn.norm"),
    tasks=task_of_settings,
    rules=lambda settings, values: ["theta_33"],
)
