"""Nested tuples of tensors as named arrays, and back."""

from typing import Any, TypeVar

import torch
from torch import Tensor

Tree = TypeVar("Tree")


def flatten(tree: Any, name: str = "") -> dict[str, Tensor]:
    """Return the tensors and integers of nested tuples by their dotted path; other values are left out."""
    if isinstance(tree, Tensor):
        return {name: tree}
    if isinstance(tree, int) and not isinstance(tree, bool):
        return {name: torch.tensor(tree)}
    arrays: dict[str, Tensor] = {}
    for key, part in _parts(tree):
        arrays |= flatten(part, f"{name}.{key}" if name else key)
    return arrays


def restore(like: Tree, arrays: dict[str, Tensor], name: str = "") -> Tree:
    """Return nested tuples built as `like`, with the tensors and integers of the arrays.

    Parameters
    ----------
    like
        Gives the structure and all values that `flatten` leaves out; shapes may differ.
    arrays
        As `flatten` made them.
    name
        Path of ``like`` in the arrays.
    """
    return _restore(like, arrays, name)


def _restore(like: Any, arrays: dict[str, Tensor], name: str) -> Any:
    if isinstance(like, Tensor):
        return arrays[name]
    if isinstance(like, int) and not isinstance(like, bool):
        return int(arrays[name])
    if not isinstance(like, tuple):
        return like
    parts = [_restore(part, arrays, f"{name}.{key}" if name else key) for key, part in _parts(like)]
    return type(like)(*parts) if hasattr(like, "_fields") else tuple(parts)


def _parts(tree: Any) -> list[tuple[str, Any]]:
    """Name the parts of a tuple; nothing for other values."""
    if not isinstance(tree, tuple):
        return []
    names = getattr(tree, "_fields", [str(n) for n in range(len(tree))])
    return list(zip(names, tree, strict=True))
