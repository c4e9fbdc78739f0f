"""Stage ``prune``: one job a learned rule, from dense to sparse."""

from collections.abc import Iterable

from threefactor.experiment import learned_rules
from threefactor.experiment.rule_classes import first
from threefactor.experiment.spec import (
    CRITERION,
    LEARNING,
    NUMBERS,
    Input,
    Settings,
    Spec,
    Values,
    task_of_settings,
)


def jobs(settings: Settings) -> Iterable[Values]:
    """List the rules to be pruned."""
    return [{"learned_rule": key} for key in first(settings, settings.prune.learned_rules)]


SPEC = Spec(
    name="prune",
    help="measure what each term of a learned rule contributes, and the path from dense to sparse",
    wildcards={"learned_rule": "one of the first prune.learned_rules of metalearn.rules"},
    jobs=jobs,
    inputs={
        "theta": Input("metalearn/{learned_rule}/theta.csv"),
        "hyperparameters": Input("metalearn/{learned_rule}/hyperparameters.csv"),
    },
    outputs={
        "path": "prune/{learned_rule}/path.csv",
        "contributions": "prune/{learned_rule}/contributions.csv",
    },
    settings=(
        *NUMBERS,
        *LEARNING,
        *CRITERION,
        *("prune.weights", "prune.steps", "prune.networks", "prune.trials", "prune.bootstraps"),
        *("metalearn.degree", "metalearn.scaling_networks", "metalearn.networks", "metalearn.trials"),
        *("metalearn.learning_rate", "metalearn.norm", "metalearn.curriculum"),
        "metalearn.rules.{learned_rule}",
    ),
    effective=learned_rules.effective,
    tasks=task_of_settings,
    modules=learned_rules.estimator,
    minutes=240,
)
