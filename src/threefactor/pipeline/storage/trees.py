"""Nested tuples, lists and dicts of tensors and numbers as named arrays and plain values, and back."""

from collections.abc import Mapping
from typing import Any, NamedTuple, TypeVar

from torch import Tensor

Tree = TypeVar("Tree")

PLAIN = (bool, int, float, str, type(None))
"""What is kept beside tensors."""


class Flat(NamedTuple):
    """A tree, taken apart."""

    arrays: dict[str, Tensor]  # by dotted path
    values: dict[str, Any]  # plain values, and the keys or the length of each dict and list, by dotted path


class UnkeepableError(TypeError):
    """A tree holds what cannot be written to a checkpoint."""


def flatten(tree: Any) -> Flat:
    """Take a tree apart.

    Raises
    ------
    UnkeepableError
        If it holds anything but tensors, numbers, texts, None, and tuples, lists and dicts of them.
    """
    flat = Flat({}, {})
    _flatten(tree, "", flat)
    return flat


def _flatten(tree: Any, path: str, flat: Flat) -> None:
    if isinstance(tree, Tensor):
        flat.arrays[path] = tree
    elif isinstance(tree, PLAIN):
        flat.values[path] = tree
    elif isinstance(tree, tuple | list | Mapping):
        parts = _parts(tree)
        if not isinstance(tree, tuple):
            flat.values[path] = [key for key, _ in parts] if isinstance(tree, Mapping) else len(tree)
        for key, part in parts:
            _flatten(part, f"{path}.{key}" if path else str(key), flat)
    else:
        raise UnkeepableError(
            f"state {path or 'as a whole'} = {type(tree).__name__}: must be made of tensors, numbers, texts, None, and "
            "tuples, lists and dicts of them"
        )


def restore(like: Tree, flat: Flat) -> Tree:
    """Put a tree together again.

    Parameters
    ----------
    like
        Gives the classes of named tuples; dicts and lists may have had other keys and lengths, tensors other shapes.
    flat
        As `flatten` made it.
    """
    found: Tree = _restore(like, "", flat)
    return found


def _restore(like: Any, path: str, flat: Flat) -> Any:
    def part(inner: Any, key: object) -> Any:
        return _restore(inner, f"{path}.{key}" if path else str(key), flat)

    if path in flat.arrays:
        return flat.arrays[path]
    if isinstance(like, tuple):
        parts = [part(inner, key) for key, inner in _parts(like)]
        return type(like)(*parts) if hasattr(like, "_fields") else tuple(parts)
    if path not in flat.values:
        raise KeyError(path)
    kept = flat.values[path]
    if isinstance(like, Mapping) or isinstance(kept, list):
        return {key: part(like.get(key) if isinstance(like, Mapping) else None, key) for key in kept}
    if isinstance(like, list):
        return [part(like[n] if n < len(like) else None, n) for n in range(kept)]
    return kept


def _parts(tree: Any) -> list[tuple[Any, Any]]:
    """Name the parts of a tuple, list or dict."""
    if isinstance(tree, Mapping):
        return list(tree.items())
    names = getattr(tree, "_fields", range(len(tree)))
    return list(zip(names, tree, strict=True))
