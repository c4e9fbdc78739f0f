"""Permutations within blocks, and the groups that they are applied to."""

import numpy as np
import torch
from numpy.typing import NDArray


def permutations_within(
    blocks: NDArray[np.int64], draws: int, *, generator: torch.Generator
) -> NDArray[np.int64]:
    """Draw permutations that exchange networks only within their block.

    Parameters
    ----------
    blocks : ndarray
        Block of each network, (n); all equal for free permutation.
    draws : int
        Number of permutations d.
    generator : torch.Generator
        Source of randomness.

    Returns
    -------
    ndarray
        Positions, (d, n): network i takes the label of network ``positions[:, i]``, of the same block.
    """
    keys = torch.rand(draws, len(blocks), generator=generator, device=generator.device, dtype=torch.float64)
    rank = np.unique(blocks, return_inverse=True)[1]
    positions = np.empty((draws, len(blocks)), dtype=np.int64)
    positions[:, np.argsort(rank, kind="stable")] = np.argsort(
        keys.cpu().numpy() + rank, axis=1, kind="stable"
    )
    return positions


def one_hot(labels: NDArray[np.int64]) -> NDArray[np.float64]:
    """Turn labels (n) into memberships (n, g), columns in sorted order of the labels that occur."""
    values, index = np.unique(labels, return_inverse=True)
    return np.eye(len(values))[index]


def p_value(statistic: float, null: NDArray[np.float64]) -> float:
    """Give (1 + #{null ≥ statistic}) / (1 + d) for a null distribution (d) (Phipson & Smyth 2010)."""
    tolerance = 1e-12 * max(abs(statistic), 1.0)
    return float((1 + (null >= statistic - tolerance).sum()) / (1 + len(null)))
