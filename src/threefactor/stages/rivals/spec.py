"""Stage ``rivals``: one job a deviation, where a learned rule is held against hand-made ones."""

from collections.abc import Iterable

from threefactor.experiment.spec import LEARNING, NUMBERS, Settings, Spec, Values, task_of_settings


def jobs(settings: Settings) -> Iterable[Values]:
    """List the deviations."""
    return [{"deviation": one} for one in settings.rivals.deviations if settings.rivals.learned_rule]


SPEC = Spec(
    name="rivals",
    help="tune every hand-made rule with as many simulated trials as a learned rule had",
    wildcards={"deviation": "one of rivals.deviations, for example standardised"},
    jobs=jobs,
    outputs={
        "rivals": "rivals/{deviation}.csv",
        "constants": "rivals/{deviation}.constants.csv",
        "theta": "rivals/{deviation}.theta.csv",
    },
    settings=(
        *NUMBERS,
        *LEARNING,
        "criterion",
        *("metalearn.degree", "metalearn.scaling_networks", "metalearn.networks", "metalearn.trials"),
        *("metalearn.steps", "metalearn.curriculum", "metalearn.rules"),
        *("rivals.learned_rule", "rivals.terms", "rivals.sums", "rivals.networks", "rivals.trials"),
    ),
    tasks=task_of_settings,
    minutes=240,
)
