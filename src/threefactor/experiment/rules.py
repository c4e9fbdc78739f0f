"""Which learning rules there are: files of `threefactor.learning_rules`, and polynomials by name.

``theta_<k><l>`` is the rule of one term, on the deviation of the settings; ``theta_<k><l>_standardised`` is that on the
deviation of its name.  ``<key>`` of ``metalearn.rules`` is a rule that was meta-learned, ``start_<key>`` the one that its
meta-learning began with.  All of them are polynomials.  ``tuned_<rule>`` is a rule whose constants were tuned for a
condition of ``transfer.conditions``.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from threefactor.declarations import (
    INFORMATION,
    MONOMIAL,
    PACKAGE,
    START,
    TUNED_MARK,
    DeclarationError,
    broken,
    declared,
    functions,
    names_in,
)
from threefactor.experiment.settings.declared import block_of
from threefactor.experiment.settings.errors import SettingsError, suggestion

POLYNOMIAL = "polynomial"
"""The file of all rules that are named by their θ."""

FOLDER = "learning_rules"

FUNCTIONS = ("parameters", "init", "update")
"""What a file of a learning rule defines."""

EXPLORES = ("outputs", "weights")
"""What a rule can explore with noise of its own."""

RESERVED = ("gradient", "shuffled", "all", "weighted")
"""What stands beside learning rules in tables."""


class About(NamedTuple):
    """What a learning rule declares."""

    information: str  # one of `INFORMATION`
    label: str  # as figures write it; empty for a polynomial, whose name is its label
    mixes_trial_types: bool  # whether its update depends on past trials of other types
    is_local: bool  # whether a synapse needs to know no other synapse
    source: str  # who proposed it, and when
    explores: str  # outputs or weights, where it explores with noise of its own; else empty
    moves_readout: bool  # whether it changes the weights of the readout
    tuned: Mapping[str, tuple[float, float]]  # bounds of what is tuned, as multiples of the default, by key


def files() -> list[str]:
    """List the learning rules that have a file of their own, without those whose file `about` refuses."""
    return [name for name in _named() if _is_sound(name)]


def _named() -> list[str]:
    """List the files that mean to be a learning rule."""
    return [name for name in names_in(FOLDER, "update") if name != POLYNOMIAL]


def _is_sound(name: str) -> bool:
    """Tell whether a rule can be offered: what is wrong in a file is said when the file is asked for."""
    try:
        expect(name)
    except (SettingsError, DeclarationError):
        return False
    return True


def expect(rule: str) -> None:
    """Refuse a rule whose file declares what it must not; see `about` and `block_of`."""
    about(rule)
    block_of(FOLDER, file_of(rule))


def key_of(rule: str) -> str:
    """Return the key of ``metalearn.rules`` that a rule would be of, whether or not there is one."""
    return rule.removeprefix(START)


def learned(settings: Any, rule: str) -> str | None:
    """Return the key of ``metalearn.rules`` that a learning rule takes its θ from, or None."""
    key = key_of(rule)
    return key if key in settings.metalearn.rules else None


def learned_inputs(settings: Any, rules: Iterable[str]) -> Iterator[dict[str, str]]:
    """Yield the wildcard of meta-learning for each rule among these that was learned, once each."""
    found = dict.fromkeys(learned(settings, rule) for rule in rules)
    yield from ({"learned_rule": key} for key in found if key)


def untuned(rule: str) -> str:
    """Return the rule whose constants were tuned for a condition, for one that is named so; others as they are."""
    return rule.removeprefix(TUNED_MARK)


def file_of(rule: str) -> str:
    """Return the file of `threefactor.learning_rules` that a rule runs, without its ending."""
    return next((name for name in (rule, untuned(rule)) if name in _named()), POLYNOMIAL)


def about(rule: str) -> About:
    """Return what the file of a rule declares.

    Raises
    ------
    SettingsError
        If it does not say what the rule has access to, or lacks one of `FUNCTIONS`.
    """
    name = file_of(rule)
    file = PACKAGE / FOLDER / f"{name}.py"
    found = declared(file)
    if name != POLYNOMIAL and (missing := [one for one in FUNCTIONS if one not in functions(file)]):
        raise SettingsError(f"{file}: {missing[0]} is missing: must be a function of the file")
    information = found.get("INFORMATION")
    if information not in INFORMATION:
        raise SettingsError(f"{file}: INFORMATION = {information!r}: must be one of {', '.join(INFORMATION)}")
    explores = found.get("EXPLORES", "")
    if explores not in ("", *EXPLORES):
        raise SettingsError(f"{file}: EXPLORES = {explores!r}: must be one of {', '.join(EXPLORES)}")
    return About(
        information,
        "" if name == POLYNOMIAL else str(found.get("LABEL", name.replace("_", " "))),
        bool(found.get("MIXES_TRIAL_TYPES", False)),
        bool(found.get("LOCAL", True)),
        str(found.get("SOURCE", "")),
        explores,
        bool(found.get("MOVES_READOUT", False)),
        found.get("TUNED", {}),
    )


def tuned_keys(rule: str) -> dict[str, tuple[float, float]]:
    """Return the bounds of the constants of a rule that are tuned, by the dotted keys of settings."""
    own = f"learning_rules.{file_of(rule)}."
    return {key if "." in key else own + key: bounds for key, bounds in about(rule).tuned.items()}


def without_constants(place: str, rules: Iterable[str]) -> Iterator[str]:
    """Yield a line for each rule whose file declares nothing that is tuned."""
    for rule in rules:
        if not tuned_keys(rule):
            yield f"{place}: {rule!r} has no constants to tune: must be rules whose file declares TUNED"


def tuned_inputs(settings: Any, rules: Iterable[str]) -> Iterator[dict[str, str]]:
    """Yield the wildcard of tuning for each rule among these that is tuned."""
    yield from ({"tuned_rule": rule} for rule in rules if rule in settings.tune.rules)


def informations(rules: Iterable[str]) -> dict[str, str]:
    """Return what each rule has access to, by the rule's name."""
    return {rule: about(rule).information for rule in rules}


def labels() -> dict[str, str]:
    """Return the labels of all learning rules that have a file of their own."""
    return {rule: about(rule).label for rule in files()}


def exists(settings: Any, rule: str) -> bool:
    """Tell whether networks can be trained with a learning rule."""
    return bool(MONOMIAL.fullmatch(rule) or learned(settings, rule)) or rule in files()


def is_taken(key: str) -> bool:
    """Tell whether a name means something else among learning rules or in the tables that compare them."""
    other = MONOMIAL.fullmatch(key) or key.startswith((START, TUNED_MARK)) or key in (*_named(), POLYNOMIAL)
    return bool(other) or key in RESERVED or key.startswith(("term_", "best_", "random_"))


def choices(settings: Any, *, is_learned: bool = True) -> str:
    """Say which learning rules can be named, with or without those that are meta-learned."""
    keys = [f"{key}, {START}{key}" for key in settings.metalearn.rules] if is_learned else []
    monomials = "theta_<k><l> with digits k, l, bare or with _raw, _normalised or _standardised behind"
    return ", ".join([monomials, *keys, *files()])


def unknown(settings: Any, place: str, rules: Iterable[str]) -> Iterator[str]:
    """Yield a line for each rule of a list that does not exist, or stands in it twice; see `about` for what is raised."""
    seen: set[str] = set()
    for position, rule in enumerate(rules):
        if rule in _named():
            expect(rule)
        elif not exists(settings, rule):
            known = [*settings.metalearn.rules, *files()]
            yield f"{place}.{position} = {rule!r}: must be {choices(settings)}{suggestion(rule, known, FOLDER)}"
        if rule in seen:
            yield f"{place}.{position} = {rule!r}: must stand once"
        seen.add(rule)


def refusal(settings: Any, option: str, rule: str) -> str | None:
    """Say why networks cannot be trained with a rule that was named on the command line; None where they can."""
    if rule in _named():
        expect(rule)
    elif not exists(settings, rule):
        return f"{option} {rule}: must be {choices(settings)}{broken(FOLDER, rule)}"
    found = (*without_derivative(settings, option, [rule]), *moves_readout(settings, option, [rule]))
    return found[0] if found else None


def without_derivative(settings: Any, place: str, rules: Iterable[str]) -> Iterator[str]:
    """Yield a line for each rule that follows the derivative of the reward where it has none."""
    if settings.task.reward != "correct":
        return
    for rule in rules:
        if rule in files() and about(rule).information in ("error", "gradient"):
            yield (
                f"{place}: {rule!r} has access to the derivative of the reward, which is zero almost everywhere with "
                "task.reward = 'correct': must be rules that have access to the reward alone"
            )


def moves_readout(settings: Any, place: str, rules: Iterable[str]) -> Iterator[str]:
    """Yield a line for each rule that moves the weights of the readout where outputs are units."""
    if settings.network.readout != "unit":
        return
    for rule in rules:
        if rule in files() and about(rule).moves_readout:
            yield (
                f"{place}: {rule!r} moves the weights of the readout, which are none with network.readout = 'unit': "
                "must be rules that leave it, or network.readout = 'random'"
            )
