"""Distances between all pairs of n networks, from those of a list of pairs."""

from collections.abc import Callable

import torch
from torch import Tensor

_PAIRS = 4096  # pairs a chunk: bounds the memory of the small matrices


def over_pairs(function: Callable[[Tensor, Tensor], Tensor], like: Tensor) -> Tensor:
    """Measure each pair once.

    Parameters
    ----------
    function : callable
        Of the numbers of the first and of the second networks, (p) each: their distances, (p).
    like : Tensor
        A tensor of the n networks, of the dtype and on the device of the distances.

    Returns
    -------
    Tensor
        Distances, (n, n), symmetric and zero on the diagonal.
    """
    distance = like.new_zeros(len(like), len(like))
    rows, columns = torch.triu_indices(len(like), len(like), 1, device=like.device)
    for row, column in zip(rows.split(_PAIRS), columns.split(_PAIRS), strict=True):
        distance[row, column] = function(row, column)
    return distance + distance.T
