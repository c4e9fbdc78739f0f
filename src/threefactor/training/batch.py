"""Take some networks out of a batch, or bring it elsewhere."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

import torch
from torch import Tensor

from threefactor.contract import Learner, Network

Bundle = TypeVar("Bundle")

SHARED = frozenset({"clamped", "clamped_state", "sign"})  # fields of a network without a batch axis


def select(bundle: Bundle, index: Tensor | slice) -> Bundle:
    """Return the networks of the index from every batch-first tensor of a bundle.

    Parameters
    ----------
    bundle
        A tensor, or tuples, lists and dicts of them; other values stay as they are.
    index
        int64, bool over the batch, or a slice.
    """
    return change_tensors(bundle, lambda part: part[index], skip=SHARED)


def joined(parts: Sequence[Bundle]) -> Bundle:
    """Return batch-first tensors of some networks and the next, as one tuple of them; None stays."""
    whole = (None if part[0] is None else torch.cat(part) for part in zip(*parts, strict=True))
    return type(parts[0])(*whole)


def convert(
    bundle: Bundle, *, dtype: torch.dtype | None = None, device: torch.device | None = None
) -> Bundle:
    """Return the bundle on another device and with its floating point tensors in another precision.

    Parameters
    ----------
    bundle
        As in `select`.
    dtype
        Of floating point tensors; bool and integers stay.
    device
        Of all tensors.
    """

    def converted(part: Tensor) -> Tensor:
        return part.to(device=device, dtype=dtype if part.is_floating_point() else None)

    return change_tensors(bundle, converted)


def change_tensors(
    bundle: Bundle, change: Callable[[Tensor], Tensor], skip: frozenset[str] = frozenset()
) -> Bundle:
    """Return the bundle with every tensor changed, but for the fields of a network to skip; see `select`."""
    changed: Bundle = _changed(bundle, change, skip)
    return changed


def _changed(bundle: Any, change: Callable[[Tensor], Tensor], skip: frozenset[str]) -> Any:
    if isinstance(bundle, Tensor):
        return change(bundle)
    if isinstance(bundle, Mapping):
        return {key: _changed(part, change, skip) for key, part in bundle.items()}
    if isinstance(bundle, list):
        return [_changed(part, change, skip) for part in bundle]
    if not isinstance(bundle, tuple):
        return bundle
    names = getattr(bundle, "_fields", range(len(bundle)))
    own = skip if isinstance(bundle, Network) else frozenset()
    parts = [
        part if name in own else _changed(part, change, skip)
        for name, part in zip(names, bundle, strict=True)
    ]
    return type(bundle)(*parts) if hasattr(bundle, "_fields") else tuple(parts)


def with_weights(learner: Learner, weights: Tensor) -> Learner:
    """Return the learner with other weights, b i j."""
    network: Network = learner.network._replace(weights=weights)
    return learner._replace(network=network)
