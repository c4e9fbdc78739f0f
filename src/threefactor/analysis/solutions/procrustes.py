"""Procrustes shape distance between all pairs of networks.

All pairs of 192 networks of 128 units, 200 samples: 1.2 s of CPU (``python -m benchmarks distances``).
"""

import torch
from torch import Tensor

from threefactor.analysis.solutions.pairs import over_pairs


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
    return over_pairs(
        lambda first, second: procrustes_angle(coordinates[first], coordinates[second]), coordinates
    )
