"""What contradicts itself in the settings of meta-learning."""

from collections.abc import Iterator
from typing import Any

from threefactor.declarations import names_in
from threefactor.experiment import distribution
from threefactor.experiment import rules as learning_rules
from threefactor.experiment.learned_rules import settings_of
from threefactor.experiment.rule_classes import WEIGHT_DEPENDENCE
from threefactor.experiment.settings import task
from threefactor.experiment.settings.perturbation import strength
from threefactor.experiment.view import changed, value_at
from threefactor.metalearning import masks
from threefactor.stages.metalearn import distribution_conflicts
from threefactor.stages.metalearn.hyperparameters import MOST, OF_DEVIATION, OF_KIND, RATE, SIGNED
from threefactor.stages.metalearn.settings import EXACT, FEWEST, LearnedRule


def conflicts(settings: Any) -> Iterator[str]:
    """Yield a line for each key that does not fit the others: its value, and what it must be."""
    metalearn, warm_up = settings.metalearn, settings.plasticity.warm_up_trials
    for name in ("trials", "held_out_trials"):
        if getattr(metalearn, name) <= warm_up:
            yield f"metalearn.{name} = {getattr(metalearn, name)}: must be {_more(warm_up)}"
    if metalearn.trials > warm_up >= round(min(metalearn.curriculum) * metalearn.trials):
        yield (
            f"metalearn.curriculum = {list(metalearn.curriculum)}: must be shares of metalearn.trials, "
            f"{metalearn.trials} trials, that are {_more(warm_up)}"
        )
    if metalearn.patience and not metalearn.held_out_networks:
        yield f"metalearn.patience = {metalearn.patience}: must be 0 without metalearn.held_out_networks"
    starts: dict[str, None] = {}  # of hyperparameters that begin at the settings, in order
    spreads = list(distribution_conflicts.of_spreads(settings))
    yield from spreads
    for key, rule in metalearn.rules.items():
        place = f"metalearn.rules.{key}"
        yield from distribution_conflicts.of_rule(settings, place, rule)
        yield from _search(settings, place, rule)
        yield from _terms(settings, place, rule)
        yield from _constraints(settings, place, rule)
        yield from _hyperparameters(settings, place, rule)
        yield from _deviation(settings, place, rule)
        if learning_rules.is_taken(key):
            yield f"{place}: must have a name of its own; this is that of another learning rule"
        starts.update(dict.fromkeys(_from_settings(rule)))
    for name in starts:
        yield from _start(settings, name)
    if not spreads:
        yield from _corners(settings)


def _from_settings(rule: LearnedRule) -> list[str]:
    """List the hyperparameters of a rule that begin at the settings, not at what the rule sets for itself."""
    own = {f"plasticity.{name}" for name in settings_of(rule)}
    return [name for name in rule.hyperparameters if name not in own]


def _corners(settings: Any) -> Iterator[str]:
    """Look at conditions of the distribution, if a rule has some; all draws are looked at before a rule is learned."""
    rules = {key: rule for key, rule in settings.metalearn.rules.items() if rule.conditions}
    for name, under in distribution_conflicts.corners(settings) if rules else ():
        found = list(distribution.conflicts(under))
        for key, rule in rules.items():
            place = f"metalearn.rules.{key}"
            found += [*_search(under, place, rule), *_constraints(under, place, rule)]
            found += [line for name in _from_settings(rule) for line in _start(under, name)]
        yield from (f"{name}: {line}" for line in found)


def _more(warm_up: int) -> str:
    return f"more than {warm_up} trials (plasticity.warm_up_trials)"


def _search(settings: Any, place: str, rule: LearnedRule) -> Iterator[str]:
    """Look at how a rule is sought."""
    if rule.estimator.startswith("score") and rule.noise == 0:
        yield f"{place}.noise = 0: must be positive with estimator {rule.estimator!r}"
    for name, none in (("momentum", 0.0), ("update_size", "")):
        own = getattr(rule, name)
        value, holder = (getattr(settings.plasticity, name), "plasticity") if own == "" else (own, place)
        if rule.estimator.startswith("score") and value != none:
            yield (
                f"{holder}.{name} = {value}: must be {none!r} with {place}.estimator = {rule.estimator!r}, for "
                "which each weight change is one update and its noise"
            )
    if rule.estimator in EXACT and settings.task.reward == "correct":
        yield (
            f"{place}.estimator = {rule.estimator!r}: must be 'score_local', 'score_total' or 'evolution' with "
            "task.reward = 'correct', whose gradient is zero almost everywhere"
        )
    if rule.memory != "" and rule.estimator not in EXACT:
        yield f"{place}.memory = {rule.memory}: must be '' with estimator {rule.estimator!r}, which has no derivative"
    if rule.objective == "smoothed_error_rate" and settings.task.reward != "graded":
        yield (
            f"{place}.objective = {rule.objective!r}: must be 'mean' with task.reward = {settings.task.reward!r}, "
            "which is not the error"
        )
    if rule.networks != "" and rule.networks < FEWEST:
        yield f"{place}.networks = {rule.networks}: must be at least {FEWEST}"
    warm_up = settings.plasticity.warm_up_trials
    if rule.trials != "" and round(min(settings.metalearn.curriculum) * rule.trials) <= warm_up:
        yield f"{place}.trials = {rule.trials}: must be {_more(warm_up)}"
    known = names_in("tasks", "make")
    if rule.task and rule.task not in known:
        yield f"{place}.task = {rule.task!r}: must be one of {', '.join(known)}, or ''"
    elif rule.task:
        yield from task.conflicts(changed(settings, {"task.name": rule.task}), f"{place}.task")


def _terms(settings: Any, place: str, rule: LearnedRule) -> Iterator[str]:
    """Look at the terms of a rule, and at where it starts."""
    degree = settings.metalearn.degree
    listed = rule.terms if isinstance(rule.terms, tuple) else ()
    if len(set(listed)) < len(listed):
        yield f"{place}.terms = {list(listed)}: each term must stand once"
    for term in listed:
        if max(map(int, term)) > degree:
            yield f"{place}.terms: {term!r}: must have digits up to {degree} (metalearn.degree)"
    terms = masks.chosen(rule.terms, degree)
    if not terms:
        yield f"{place}.terms = {rule.terms!r}: must have a term with powers up to {degree} (metalearn.degree)"
    if rule.start.startswith("theta_") and (int(rule.start[-2]), int(rule.start[-1])) not in terms:
        yield f"{place}.start = {rule.start!r}: must be 'random', 'perturbation' or a term that is learned"
    if rule.start == "perturbation" and not strength(settings.perturbation):
        yield f"{place}.start = 'perturbation': must be another start without perturbations (perturbation)"
    if rule.rank != "" and not masks.is_grid(terms):
        yield f"{place}.rank = {rule.rank}: must be '' unless terms are all pairs of some powers k and some powers l"


def _constraints(settings: Any, place: str, rule: LearnedRule) -> Iterator[str]:
    """Look at the constraints of a rule."""
    step = settings.network.time_step_ms
    if rule.rank != "" and rule.sparsity:
        yield f"{place}.sparsity = {rule.sparsity}: must be 0 with a rank, which few terms would break"
    if rule.coordinates == "orthonormal" and (rule.rank != "" or rule.sparsity):
        yield f"{place}.coordinates = 'orthonormal': must be 'monomials' with a rank or sparsity"
    if rule.eligibility_time_ms != "" and rule.eligibility_time_ms < step:
        value = rule.eligibility_time_ms
        yield f"{place}.eligibility_time_ms = {value}: must be at least {step} (a time step), or ''"


def _hyperparameters(settings: Any, place: str, rule: LearnedRule) -> Iterator[str]:
    """Look at the hyperparameters that are learned with a rule."""
    chosen = f"{place}.hyperparameters"
    if len(set(rule.hyperparameters)) < len(rule.hyperparameters):
        yield f"{chosen} = {list(rule.hyperparameters)}: each must stand once"
    if rule.hyperparameters and rule.estimator.startswith("score"):
        yield (
            f"{chosen} = {list(rule.hyperparameters)}: must be [] with estimator {rule.estimator!r}, which is for θ "
            "alone"
        )
    if RATE in rule.hyperparameters and rule.estimator in EXACT:
        yield (
            f"{place}.estimator = {rule.estimator!r}: must be 'evolution' with hyperparameter {RATE!r}, since how often "
            "perturbations come has no derivative"
        )
    norm = settings.metalearn.norm if rule.norm == "" else rule.norm
    if "plasticity.learning_rate" in rule.hyperparameters and norm == 0:
        yield (
            f"{place}.norm = 0: must be positive ({place}.norm or metalearn.norm) with hyperparameter "
            "'plasticity.learning_rate', since the scale of θ and the learning rate are one"
        )
    sized = settings.plasticity.update_size if rule.update_size == "" else rule.update_size
    if sized != "" and (idle := {"plasticity.clip", "plasticity.learning_rate"} & set(rule.hyperparameters)):
        yield f"{chosen}: {' and '.join(sorted(idle))} must not be among them where updates are normalised (update_size)"
    if settings.network.gain == 0 and set(WEIGHT_DEPENDENCE) & set(rule.hyperparameters):
        yield f"network.gain = 0.0: must be positive with a weight-dependent factor ({chosen})"


def _deviation(settings: Any, place: str, rule: LearnedRule) -> Iterator[str]:
    """Look at whether a rule's deviation has the constants that are learned with it."""
    key = f"{place}.deviation" if rule.deviation else "plasticity.deviation"
    found = rule.deviation or settings.plasticity.deviation
    for name in dict.fromkeys(rule.hyperparameters):
        allowed = OF_DEVIATION.get(name, (found,))
        if found not in allowed:
            yield f"{key} = {found!r}: must be {' or '.join(map(repr, allowed))} where {name} is meta-learned ({place})"


def _start(settings: Any, key: str) -> Iterator[str]:
    """Look at where a hyperparameter starts."""
    step, length = settings.network.time_step_ms, settings.task.duration_ms
    value, kind = value_at(settings, key), settings.perturbation.kind
    if OF_KIND.get(key, kind) != kind:
        yield f"perturbation.kind = {kind!r}: must be {OF_KIND[key]!r} where {key} is meta-learned"
    least = {"plasticity.eligibility_time_ms": step, "plasticity.weight_time_ms": length}.get(key, 0)
    if key in SIGNED:
        return
    if value == "" or value <= least:
        yield f"{key} = {value!r}: must be more than {least:g} where it is meta-learned"
    elif key == RATE and MOST * step * value >= 1:
        yield (
            f"{key} = {value}: must be less than {1 / MOST / step:g} where it is meta-learned, one perturbation in "
            f"{MOST} time steps"
        )
