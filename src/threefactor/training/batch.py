"""Take some networks out of a batch."""

from typing import Any, TypeVar

from torch import Tensor

from threefactor.contract import Learner, Network

Bundle = TypeVar("Bundle")

SHARED = {"clamped", "clamped_state"}  # fields without a batch axis


def select(bundle: Bundle, index: Tensor) -> Bundle:
    """Return the networks of the index from every batch-first tensor of a bundle.

    Parameters
    ----------
    bundle
        A tensor, or named and plain tuples of them; other values stay as they are.
    index
        int64, or bool over the batch.
    """
    return _select(bundle, index)  # type: ignore[no-any-return]


def _select(bundle: Any, index: Tensor) -> Any:
    if isinstance(bundle, Tensor):
        return bundle[index]
    if hasattr(bundle, "_fields"):
        parts = zip(bundle._fields, bundle, strict=True)
        return type(bundle)(*(part if name in SHARED else _select(part, index) for name, part in parts))
    if isinstance(bundle, tuple):
        return tuple(_select(part, index) for part in bundle)
    return bundle


def with_weights(learner: Learner, weights: Tensor) -> Learner:
    """Return the learner with other weights, b i j."""
    network: Network = learner.network._replace(weights=weights)
    return learner._replace(network=network)
