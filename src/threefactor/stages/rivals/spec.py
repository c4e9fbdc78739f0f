"""Stage ``rivals``: one job a deviation, where a learned rule is held against hand-made ones."""

from collections.abc import Iterable

from threefactor.experiment.spec import LEARNING, NUMBERS, Input, Settings, Spec, Values, task_of_settings
from threefactor.experiment.tuned_rules import LEARNED, families


def jobs(settings: Settings) -> Iterable[Values]:
    """List the deviations, and the learned rule."""
    return [{"family": one} for one in families(settings)]


def learned(settings: Settings, values: Values) -> Iterable[Values]:
    """List the learned rule, where a job tunes it."""
    return [{"learned_rule": settings.rivals.learned_rule}] if values["family"] == LEARNED else []


SPEC = Spec(
    name="rivals",
    help="tune every hand-made rule with at least as many simulated trials as a learned rule had",
    wildcards={"family": "one of rivals.deviations, or learned for the learned rule"},
    jobs=jobs,
    inputs={
        "theta": Input("metalearn/{learned_rule}/theta.csv", learned),
        "hyperparameters": Input("metalearn/{learned_rule}/hyperparameters.csv", learned),
    },
    outputs={
        "rivals": "rivals/{family}.csv",
        "constants": "rivals/{family}.constants.csv",
        "theta": "rivals/{family}.theta.csv",
    },
    settings=(
        *NUMBERS,
        *LEARNING,
        "criterion",
        *("metalearn.degree", "metalearn.scaling_networks", "metalearn.networks", "metalearn.trials"),
        *("metalearn.steps", "metalearn.curriculum", "metalearn.rules"),
        *("rivals.learned_rule", "rivals.terms", "rivals.sums", "rivals.draws"),
        *("rivals.networks", "rivals.trials"),
    ),
    tasks=task_of_settings,
    minutes=240,
)
