"""Permutational analysis of variance of one factor, an independent reference for `variance_partition`.

SS_T = Σ_{i<j} d²_ij / n          SS_W = Σ_g Σ_{i<j∈g} d²_ij / n_g          SS_A = SS_T − SS_W
F = [SS_A / (a − 1)] / [SS_W / (n − a)]          R² = SS_A / SS_T            (Anderson 2001)
"""

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from threefactor.analysis.solutions.permutation import one_hot, p_value, permutations_within

_CHUNK = 64  # permutations a product: bounds memory


class Permanova(NamedTuple):
    """Outcome of the test: pseudo-F, R² (0 to 1), p, number of groups."""

    statistic: float
    effect: float
    p: float
    groups: int


def within_sums(squared: NDArray[np.float64], members: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give SS_W of squared distances (n, n) for memberships (d, n, g), as (d)."""
    draws, count, groups = members.shape
    flat = members.transpose(1, 0, 2).reshape(count, draws * groups)
    sums = ((squared @ flat) * flat).sum(0).reshape(draws, groups)
    return np.asarray((sums / (2 * members.sum(1))).sum(1))


def pseudo_f(within: NDArray[np.float64], total: float, count: int, groups: int) -> NDArray[np.float64]:
    """Give F from sums of squares within groups (d) and in total, for n networks in a groups."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(((total - within) / (groups - 1)) / (within / (count - groups)))


def permanova(
    distances: NDArray[np.float64],
    labels: NDArray[np.int64],
    blocks: NDArray[np.int64],
    permutations: int,
    *,
    generator: torch.Generator,
) -> Permanova:
    """Test whether groups differ in location, with permutations inside blocks.

    Parameters
    ----------
    distances : ndarray
        Distances, (n, n).
    labels : ndarray
        Group of each network, (n).
    blocks : ndarray
        Block of each network, (n): labels are exchanged only within one.
    permutations : int
        Number of permutations of the null distribution.
    generator : torch.Generator
        Source of randomness.

    Returns
    -------
    Permanova
        NaN where there are fewer than two groups or no degrees of freedom within them.
    """
    squared, members = distances**2, one_hot(labels)
    count, groups = members.shape
    if groups < 2 or count <= groups:
        return Permanova(float("nan"), float("nan"), float("nan"), groups)
    total = squared.sum() / (2 * count)
    within = within_sums(squared, members[None])
    positions = permutations_within(blocks, permutations, generator=generator)
    chunks = [positions[at : at + _CHUNK] for at in range(0, permutations, _CHUNK)]
    null = np.concatenate([within_sums(squared, members[chunk]) for chunk in chunks])
    statistic = float(pseudo_f(within, total, count, groups)[0])
    p = p_value(statistic, pseudo_f(null, total, count, groups))
    return Permanova(statistic, float(1 - within[0] / total), p, groups)
