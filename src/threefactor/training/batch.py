"""Take some networks out of a batch, or bring it elsewhere."""

from collections.abc import Callable
from typing import Any, TypeVar

import torch
from torch import Tensor

from threefactor.contract import Learner, Network

Bundle = TypeVar("Bundle")

SHARED = {"clamped", "clamped_state", "sign"}  # fields without a batch axis


def select(bundle: Bundle, index: Tensor | slice) -> Bundle:
    """Return the networks of the index from every batch-first tensor of a bundle.

    Parameters
    ----------
    bundle
        A tensor, or named and plain tuples of them; other values stay as they are.
    index
        int64, bool over the batch, or a slice.
    """
    return _map(bundle, lambda part: part[index], skip=SHARED)


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

    return _map(bundle, converted, skip=set())


def _map(bundle: Any, change: Callable[[Tensor], Tensor], skip: set[str]) -> Any:
    """Change every tensor of a bundle, but for the fields to skip."""
    if isinstance(bundle, Tensor):
        return change(bundle)
    if hasattr(bundle, "_fields"):
        parts = zip(bundle._fields, bundle, strict=True)
        return type(bundle)(*(part if name in skip else _map(part, change, skip) for name, part in parts))
    if isinstance(bundle, tuple):
        return tuple(_map(part, change, skip) for part in bundle)
    return bundle


def with_weights(learner: Learner, weights: Tensor) -> Learner:
    """Return the learner with other weights, b i j."""
    network: Network = learner.network._replace(weights=weights)
    return learner._replace(network=network)
