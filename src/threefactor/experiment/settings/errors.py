"""What is wrong with the settings, in one line: the key, its value, and what it must be."""

import difflib
import re
import types
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from threefactor.declarations import broken
from threefactor.experiment.settings.addresses import shown

PLAIN = {
    "tuple_type": "must be a list, as [a, b]",
    "dict_type": "must be a group of keys, as {key: value}",
    "invalid_key": "must be a key that is a text",
}
"""Types that a file has another word for."""

LENGTHS = {"too_short": ("least", "min_length"), "too_long": ("most", "max_length")}
"""Lists and groups with too few or too many members, and where the bound stands."""


RENAMED = {
    r"plasticity\.stabiliser": "plasticity.baseline_exponent",
    r"metalearn\.rules\.(\w+)\.learn": r"metalearn.rules.\1.hyperparameters",
    r"metalearn\.(rules\.\w+\.)?lifetime": r"metalearn.\1trials",
    r"task\.(dpa|context|pulses|neurogym)_(\w+)": r"task.\1.\2",
    r"retrain\.(node_perturbation|rflo|eprop|bptt)_(\w+)": r"learning_rules.\1.\2",
    r"align\.settle": "align.burn_in",
    r"align\.span_(along|degree|terms)": r"align.subspace_\1",
    r"ablate(\.\w+)?": r"ablation\1",
    r"estimate\.regimes": "estimate.plasticity_strength",
    r"transfer\.(tuned|untuned|published|bootstraps)": r"compare_conditions.\1",
}
"""Keys that settings had before, as patterns, and what they are called now."""


class SettingsError(Exception):
    """Settings that no job can run with; the message is one line, without passwords in addresses."""

    def __init__(self, words: str) -> None:
        super().__init__(" ".join(shown(words).split()))


def explain(problem: ValidationError, model: type[BaseModel]) -> str:
    """Put the first problem into words, and count the others."""
    groups: dict[str, list[Any]] = {}
    for error in problem.errors():
        groups.setdefault(_key(error["loc"], model), []).append(error)
    (key, errors), *others = groups.items()
    rest = f" (and {len(others)} more: {', '.join(name for name, _ in others)})" if others else ""
    return _sentence(key, errors, model) + rest


def suggestion(word: str, known: Iterable[str], folder: str = "") -> str:
    """Return a guess at what a misspelt word should have been, to be put at the end of a message; empty without one.

    Where files of a folder of the package are named, one that cannot be read is named instead.
    """
    if folder and (problem := broken(folder, word)):
        return problem
    close = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"; did you mean {close[0]!r}?" if close else ""


def number_hint(found: object, wanted: str) -> str:
    """Return how a text that is meant as a number is written, to be put at the end of a message; empty for others.

    In YAML 1.1 a power of ten needs a point before it and a sign in it, and 010 is octal.
    """
    if not isinstance(found, str) or not re.fullmatch(r"[-+]?\d+(\.\d*)?([eE][-+]?\d+)?", found):
        return ""
    if "integer" in wanted:
        return f"; did you mean {float(found):.0f}?" if float(found).is_integer() else ""
    base, _, power = found.lower().partition("e")
    if "number" not in wanted or not power:
        return f"; did you mean {float(found):g}?" if "number" in wanted else ""
    point, sign = "" if "." in base else ".0", "" if power[0] in "+-" else "+"
    return f"; did you mean {base}{point}e{sign}{power}?"


def renamed(key: str) -> str:
    """Return what an old key is called now, to be put at the end of a message; empty for other keys."""
    for old, new in RENAMED.items():
        if re.fullmatch(old, key):
            return f"; it is now {re.sub(old, new, key)!r}"
    return ""


def _sentence(key: str, errors: list[Any], model: type[BaseModel]) -> str:
    """Describe the problems of one key."""
    first = errors[0]
    if first["type"] == "extra_forbidden":
        parents = first["loc"][:-1]
        known = _keys(_follow(parents, model)[1])
        hint = renamed(key) or suggestion(str(first["loc"][-1]), known)
        return f"{key} = {first['input']!r}: unknown key, must be one of {', '.join(known)}{hint}"
    if first["type"] == "missing":
        return f"{key}: is missing, must be given ({_description(first['loc'], model)})"
    wanted = " or ".join(dict.fromkeys(map(_wanted, errors))).replace(" or must ", " or ")
    meaning = _description(first["loc"], model)
    hint = number_hint(first["input"], wanted)
    return f"{key} = {first['input']!r}: {wanted}" + (f" ({meaning})" if meaning else "") + hint


def _wanted(error: Any) -> str:
    """Say what one branch of a type must be."""
    if error["type"] == "model_type":
        return "must be a group of keys"
    if error["type"] == "string_pattern_mismatch":
        return f"must match {error['ctx']['pattern']}"
    if error["type"] in LENGTHS:
        kind, bound = LENGTHS[error["type"]]
        return f"must have at {kind} {error['ctx'][bound]} of these"
    words = str(error["msg"]).removeprefix("Input ").removeprefix("Value error, ")
    return PLAIN.get(error["type"], re.sub("^should ", "must ", words))


def _key(loc: Sequence[str | int], model: type[BaseModel]) -> str:
    """Write the place of a problem as a dotted key; what only names a branch of a union is left out."""
    return ".".join(map(str, loc[: _follow(loc, model)[0]])) or "the whole"


def _description(loc: Sequence[str | int], model: type[BaseModel]) -> str:
    """Return the description of the innermost described key at a place."""
    found = ""
    kind: Any = model
    for part in loc:
        field = _fields(kind).get(str(part))
        found = field.description or found if field else found
        kind = inside(kind, part)
    return found


def _follow(loc: Sequence[str | int], model: type[BaseModel]) -> tuple[int, Any]:
    """Walk along a place: how many of its parts are keys, and the type found there."""
    kind: Any = model
    for depth, part in enumerate(loc):
        is_unknown_key = _is_model(kind) and part not in _fields(kind)
        inner = inside(kind, part)
        if inner is None:
            return depth + is_unknown_key, kind
        kind = inner
    return len(loc), kind


def inside(kind: Any, part: Any) -> Any:
    """Return the type of one key or item of a type, or None if it has none."""
    kind = _bare(kind)
    if _is_model(kind):
        field = _fields(kind).get(str(part))
        return field.annotation if field else None
    if get_origin(kind) is dict and part != "[key]":
        return get_args(kind)[1]
    if get_origin(kind) is tuple and isinstance(part, int):
        return get_args(kind)[0]
    return None


def _bare(kind: Any) -> Any:
    """Take the annotations off a type; of a union, keep the branch that has keys or items."""
    if get_origin(kind) is Annotated:
        return _bare(get_args(kind)[0])
    if get_origin(kind) in (Union, types.UnionType):
        branches = [_bare(branch) for branch in get_args(kind)]
        return next((branch for branch in branches if _has_parts(branch)), branches[0])
    return kind


def _has_parts(kind: Any) -> bool:
    return _is_model(kind) or (bool(get_args(kind)) and get_origin(kind) is not Literal)


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _fields(kind: Any) -> Mapping[str, Any]:
    """Return the fields of a model by the names that a file uses."""
    kind = _bare(kind)
    if not _is_model(kind):
        return {}
    return {field.alias or name: field for name, field in kind.model_fields.items()}


def _keys(kind: Any) -> list[str]:
    return list(_fields(kind))
