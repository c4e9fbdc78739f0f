"""Nested tuples, lists and dicts of tensors and numbers as named arrays and plain values, and back.

What is kept says itself what it was, so that a tree may have grown, shrunk or changed its form since its start.
"""

from collections.abc import Callable
from importlib import import_module
from operator import attrgetter
from typing import Any, NamedTuple, TypeVar

from torch import Tensor

Tree = TypeVar("Tree")

PLAIN = (bool, int, float, str, type(None))
"""What is kept beside tensors."""

CONTAINERS: dict[str, Callable[..., Any]] = {"tuple": tuple, "list": list, "dict": dict}
"""What has parts, beside named tuples."""


class Flat(NamedTuple):
    """A tree, taken apart; a path is the places of all parts on the way, of a named tuple their names."""

    arrays: dict[str, Tensor]  # by dotted path
    values: dict[str, Any]  # plain values, and ``[kind, keys]`` of what has parts, by dotted path


class UnkeepableError(TypeError):
    """A tree holds what cannot be written to a checkpoint."""


def flatten(tree: Any) -> Flat:
    """Take a tree apart.

    Raises
    ------
    UnkeepableError
        If it holds anything but tensors, numbers, texts, None, and tuples, lists and dicts of them, or a dict has a key
        that is no text, number or None.
    """
    flat = Flat({}, {})
    _flatten(tree, "", "", flat)
    return flat


def _flatten(tree: Any, path: str, shown: str, flat: Flat) -> None:
    """Take a part apart that is at a path, and is shown under another in messages."""
    if isinstance(tree, Tensor):
        flat.arrays[path] = tree
    elif isinstance(tree, PLAIN):
        flat.values[path] = tree
    elif type(tree) in CONTAINERS.values() or hasattr(tree, "_fields"):
        inner, own = _parts(tree), type(tree)
        keys, parts = list(inner), list(inner.values())
        _expect_keys(keys, shown)
        kind = f"{own.__module__}:{own.__qualname__}" if hasattr(tree, "_fields") else own.__name__
        flat.values[path] = [kind, keys]
        names = range(len(keys)) if kind in CONTAINERS else keys
        for name, key, part in zip(names, keys, parts, strict=True):
            _flatten(part, f"{path}.{name}".strip("."), f"{shown}.{key}".strip("."), flat)
    else:
        raise UnkeepableError(
            f"state {shown or 'as a whole'} = {type(tree).__name__}: must be made of tensors, numbers, texts, None, and "
            "tuples, lists and dicts of them"
        )


def _expect_keys(keys: list[Any], shown: str) -> None:
    """Refuse keys of a dict that would come back as others."""
    for key in keys:
        if not isinstance(key, PLAIN):
            raise UnkeepableError(
                f"state {shown or 'as a whole'}: key {key!r}: must be a text, a number or None"
            )


def restore(like: Tree, flat: Flat) -> Tree:
    """Put a tree together again.

    Parameters
    ----------
    like
        Gives the classes of named tuples where they stand, others being imported; all else may have been otherwise.
    flat
        As `flatten` made it.

    Raises
    ------
    KeyError
        If a part is missing.
    """
    found: Tree = _restore(like, "", flat)
    return found


def _restore(like: Any, path: str, flat: Flat) -> Any:
    if path in flat.arrays:
        return flat.arrays[path]
    kept = flat.values[path]
    if not isinstance(kept, list):
        return kept
    kind, keys = kept
    inner = _parts(like)
    names = range(len(keys)) if kind in CONTAINERS else keys
    parts = [
        _restore(inner.get(key), f"{path}.{name}".strip("."), flat)
        for name, key in zip(names, keys, strict=True)
    ]
    if kind not in CONTAINERS:
        is_same = list(getattr(like, "_fields", ())) == keys
        return (type(like) if is_same else _class(kind))(*parts)
    return dict(zip(keys, parts, strict=True)) if kind == "dict" else CONTAINERS[kind](parts)


def _class(place: str) -> Callable[..., Any]:
    """Return the class of a place, as ``threefactor.contract:Network``."""
    module, _, name = place.partition(":")
    found: Callable[..., Any] = attrgetter(name)(import_module(module))
    return found


def _parts(tree: Any) -> dict[Any, Any]:
    """Return the parts of a tuple, list or dict by their keys; of all else none."""
    if isinstance(tree, dict):
        return tree
    if not isinstance(tree, tuple | list):
        return {}
    return dict(zip(getattr(tree, "_fields", range(len(tree))), tree, strict=True))
