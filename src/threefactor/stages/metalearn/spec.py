"""Stage ``metalearn``: one job a rule to be learned."""

from collections.abc import Iterable

from threefactor.experiment import learned_rules
from threefactor.experiment.spec import CRITERION, LEARNING, NUMBERS, Settings, Spec, Values


def jobs(settings: Settings) -> Iterable[Values]:
    """List the rules to be learned."""
    return [{"learned_rule": key} for key in settings.metalearn.rules]


SPEC = Spec(
    name="metalearn",
    help="learn the coefficients θ of a rule by tangents through learning",
    wildcards={"learned_rule": "a key of metalearn.rules"},
    jobs=jobs,
    outputs={
        "theta": "metalearn/{learned_rule}/theta.csv",
        "hyperparameters": "metalearn/{learned_rule}/hyperparameters.csv",
        "history": "metalearn/{learned_rule}/history.csv",
        "held_out": "metalearn/{learned_rule}/held_out.csv",
        "gradients": "metalearn/{learned_rule}/gradients.safetensors",
        "conditions": "metalearn/{learned_rule}/conditions.csv",
    },
    settings=(
        *NUMBERS,
        *LEARNING,
        *CRITERION,
        *("metalearn.degree", "metalearn.scaling_networks", "metalearn.networks", "metalearn.trials"),
        *("metalearn.steps", "metalearn.learning_rate", "metalearn.norm", "metalearn.curriculum"),
        *("metalearn.held_out_networks", "metalearn.held_out_trials", "metalearn.held_out_every"),
        *("metalearn.held_out_conditions", "metalearn.distribution"),
        *("metalearn.patience", "metalearn.rules.{learned_rule}"),
    ),
    effective=learned_rules.effective,
    tasks=learned_rules.tasks,
    modules=learned_rules.estimator,
    minutes=240,
    priority=10,  # the longest jobs, which others wait for
)
