"""Stage ``judge``: one job a rule that is judged, learned or hand-made."""

from collections.abc import Iterable, Iterator

from threefactor.experiment import rules
from threefactor.experiment.spec import LEARNING, NUMBERS, Input, Settings, Spec, Values, task_of_settings


def names(settings: Settings) -> list[str]:
    """List what is judged: the learned rule, the references, and the best rivals of each deviation."""
    chosen = settings.rivals
    if not chosen.learned_rule:
        return []
    places = range(1, chosen.judged + 1)
    best = [f"{deviation}_{place}" for deviation in chosen.deviations for place in places]
    return [chosen.learned_rule, *chosen.references, *best]


def jobs(settings: Settings) -> Iterable[Values]:
    """List what is judged."""
    return [{"judged": name} for name in names(settings)]


def learned(settings: Settings, values: Values) -> Iterator[Values]:
    """List the learned rule that a job needs, if it does."""
    yield from rules.learned_inputs(settings, [values["judged"]])


def deviations(settings: Settings, values: Values) -> Iterator[Values]:
    """List the deviation whose rivals a job needs, if it does."""
    deviation, _, place = values["judged"].rpartition("_")
    if deviation in settings.rivals.deviations and place.isdecimal():
        yield {"deviation": deviation}


def own_rule(settings: Settings, values: Values) -> Iterator[str]:
    """Name the job's learning rule, where it has one of that name."""
    if rules.exists(settings, values["judged"]):
        yield values["judged"]


SPEC = Spec(
    name="judge",
    help="let fresh networks learn by a learned rule, or by a hand-made rival of it",
    wildcards={"judged": "a learning rule, or deviation and place of a rival, for example standardised_1"},
    jobs=jobs,
    inputs={
        "theta": Input("metalearn/{learned_rule}/theta.csv", learned),
        "hyperparameters": Input("metalearn/{learned_rule}/hyperparameters.csv", learned),
        "rival_theta": Input("rivals/{deviation}.theta.csv", deviations),
        "rival_constants": Input("rivals/{deviation}.constants.csv", deviations),
    },
    outputs={"networks": "judge/{judged}.csv", "levels": "judge/{judged}.levels.csv"},
    settings=(
        *NUMBERS,
        *LEARNING,
        *("criterion", "retrain.levels", "retrain.evaluation_spacing"),
        *("rivals.held_out_networks", "rivals.horizon", "learning_rules.{rule}"),
    ),
    tasks=task_of_settings,
    rules=own_rule,
    minutes=240,
)
