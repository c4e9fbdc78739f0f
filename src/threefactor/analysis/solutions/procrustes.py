"""Procrustes shape distance between all pairs of networks."""

import torch
from torch import Tensor

_PAIRS = 4096  # pairs a chunk: bounds the memory of the small matrices


def nuclear_norm(matrix: Tensor) -> Tensor:
    """Give the sum of singular values of matrices (..., c, c), as (...)."""
    return torch.linalg.svdvals(matrix).sum(-1)


def procrustes_angle(first: Tensor, second: Tensor) -> Tensor:
    """Give the angle left between pairs of shapes after the best rotation.

    θ = min_Q arccos ⟨X, YQ⟩ = arccos ‖XᵀY‖_*, with ‖X‖_F = ‖Y‖_F = 1 and Q orthogonal (Williams et al. 2021).

    Parameters
    ----------
    first, second : Tensor
        Coordinates of unit norm, (..., m, c).

    Returns
    -------
    Tensor
        Angles, (...), radians, 0 to π/2.
    """
    return torch.arccos(nuclear_norm(first.mT @ second).clamp(0, 1))


def procrustes_distance(coordinates: Tensor) -> Tensor:
    """Give the angular distance between all pairs of networks.

    Parameters
    ----------
    coordinates : Tensor
        Sample coordinates of unit norm, (n, m, c), from `shape.sample_coordinates`.

    Returns
    -------
    Tensor
        Distances, (n, n), radians: symmetric, zero on the diagonal, a metric between shapes.
    """
    count = len(coordinates)
    distance = coordinates.new_zeros(count, count)
    rows, columns = torch.triu_indices(count, count, 1, device=coordinates.device)
    for row, column in zip(rows.split(_PAIRS), columns.split(_PAIRS), strict=True):
        distance[row, column] = procrustes_angle(coordinates[row], coordinates[column])
    return distance + distance.T
