"""Stage ``recover``: one job over all ground-truth rules."""

from collections.abc import Iterable
from typing import Any

from threefactor.experiment.rule_classes import recoverable
from threefactor.experiment.spec import LEARNING, Input, Settings, Spec, Values, task_of_settings
from threefactor.experiment.view import changed
from threefactor.stages.recover.settings import OVERRIDES


def recovered(settings: Settings, values: Values) -> Iterable[Values]:
    """List the learned rules that are recovered."""
    return [{"learned_rule": key} for key in recoverable(settings)]


def recoverable_settings(settings: Settings, values: Values) -> Any:
    """Return the settings with those under which a rule can be recovered."""
    return changed(settings, OVERRIDES)


SPEC = Spec(
    name="recover",
    help="recover ground-truth rules from networks that learn by them, with error bars",
    inputs={
        "theta": Input("metalearn/{learned_rule}/theta.csv", recovered),
        "hyperparameters": Input("metalearn/{learned_rule}/hyperparameters.csv", recovered),
    },
    outputs={"terms": "recover/terms.csv", "coverage": "recover/coverage.csv"},
    settings=("seed", "precision", *LEARNING, "recover", "metalearn.norm"),
    effective=recoverable_settings,
    tasks=task_of_settings,
    rules=lambda settings, values: ["theta_33"],
)
