"""Test whether groups differ in spread, to go beside the partition of variance, which is sensitive to both.

    z²_i = mean_{j∈g} d²_ij − ½ mean_{j,k∈g} d²_jk          squared distance of network i to its own centroid

An analysis of variance of z √(n_g / (n_g − 1)), with the residuals permuted inside blocks (Anderson 2006; the
factor removes the bias of small groups, Stier et al. 2013).
"""

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from threefactor.analysis.solutions.permutation import one_hot, p_value, permutations_within


class Dispersion(NamedTuple):
    """Outcome of the test: F, η² (0 to 1), p, number of groups."""

    statistic: float
    effect: float
    p: float
    groups: int


def centroid_distances(distances: NDArray[np.float64], labels: NDArray[np.int64]) -> NDArray[np.float64]:
    """Give the distance of each network to the centroid of its own group, corrected for the group's size.

    Parameters
    ----------
    distances : ndarray
        Distances, (n, n).
    labels : ndarray
        Group of each network, (n).

    Returns
    -------
    ndarray
        Distances, (n), in the same unit; 0 for a group of one.
    """
    members = one_hot(labels)
    size = members.sum(0)
    mean_to_group = (distances**2) @ members / size
    inner = (members * mean_to_group).sum(0) / size
    own = (members * (mean_to_group - inner / 2)).sum(1)
    correction = np.sqrt(size / np.maximum(size - 1, 1))
    return np.asarray(np.sqrt(np.abs(own)) * (members @ correction))


def variance_ratio(values: NDArray[np.float64], members: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the F of one-way analysis of variance of values (d, n) in memberships (n, g), as (d)."""
    count, groups = members.shape
    means = values @ members / members.sum(0)
    within = ((values - means @ members.T) ** 2).sum(1)
    between = (members.sum(0) * (means - values.mean(1, keepdims=True)) ** 2).sum(1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray((between / (groups - 1)) / (within / (count - groups)))


def dispersion(
    distances: NDArray[np.float64],
    labels: NDArray[np.int64],
    blocks: NDArray[np.int64],
    permutations: int,
    *,
    generator: torch.Generator,
) -> Dispersion:
    """Test whether groups differ in their distances to their own centroids.

    Parameters
    ----------
    distances : ndarray
        Distances, (n, n).
    labels, blocks : ndarray
        Group and block of each network, (n).
    permutations : int
        Number of permutations of the null distribution.
    generator : torch.Generator
        Source of randomness.

    Returns
    -------
    Dispersion
        F, η² = SS_A / SS_T of the distances to centroids, p and groups; NaN where the test does not exist.
    """
    members = one_hot(labels)
    count, groups = members.shape
    if groups < 2 or count <= groups:
        return Dispersion(float("nan"), float("nan"), float("nan"), groups)
    values = centroid_distances(distances, labels)
    residual = values - members @ (values @ members / members.sum(0))
    positions = permutations_within(blocks, permutations, generator=generator)
    statistic = float(variance_ratio(values[None], members)[0])
    effect = 1 - (residual**2).sum() / ((values - values.mean()) ** 2).sum()
    return Dispersion(
        statistic, float(effect), p_value(statistic, variance_ratio(residual[positions], members)), groups
    )
