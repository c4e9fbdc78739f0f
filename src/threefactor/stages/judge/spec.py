"""Stage ``judge``: one job a rule that is judged, learned or hand-made."""

from collections.abc import Iterable, Iterator

from threefactor.experiment import rules
from threefactor.experiment.spec import LEARNING, NUMBERS, Input, Settings, Spec, Values, task_of_settings
from threefactor.experiment.tuned_rules import LEARNED, families, judged_name


def names(settings: Settings) -> list[str]:
    """List what is judged: the learned rule, also with tuned constants, references, the best rivals of each deviation."""
    chosen = settings.rivals
    if not chosen.learned_rule:
        return []
    places = range(1, chosen.judged + 1)
    best = [judged_name(deviation, place) for deviation in chosen.deviations for place in places]
    return [judged_name(LEARNED, 1), chosen.learned_rule, *chosen.references, *best]


def jobs(settings: Settings) -> Iterable[Values]:
    """List what is judged."""
    return [{"judged": name} for name in names(settings)]


def learned(settings: Settings, values: Values) -> Iterator[Values]:
    """List the learned rule that a job needs, if it does."""
    yield from rules.learned_inputs(settings, [values["judged"]])


def tuned(settings: Settings, values: Values) -> Iterator[Values]:
    """List the family of tuned rules that a job needs, if it does."""
    family, _, place = values["judged"].rpartition("_")
    if family in families(settings) and place.isdecimal():
        yield {"family": family}


def own_rule(settings: Settings, values: Values) -> Iterator[str]:
    """Name the job's learning rule, where it has one of that name."""
    if rules.exists(settings, values["judged"]):
        yield values["judged"]


SPEC = Spec(
    name="judge",
    help="let fresh networks learn by a learned rule, or by a hand-made rival of it",
    wildcards={"judged": "a learning rule; or family and place of a tuned one: learned_1, standardised_1"},
    jobs=jobs,
    inputs={
        "theta": Input("metalearn/{learned_rule}/theta.csv", learned),
        "hyperparameters": Input("metalearn/{learned_rule}/hyperparameters.csv", learned),
        "rival_theta": Input("rivals/{family}.theta.csv", tuned),
        "rival_constants": Input("rivals/{family}.constants.csv", tuned),
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
