"""Tell the group of a network from its distances to networks of other blocks (nearest centroid).

Of a network i in block h, with the networks of h left out of every group,

    d²(i, centroid_g) = mean_{j∈g∖h} d²_ij − ½ mean_{j,k∈g∖h} d²_jk

Leaving a whole initialisation out keeps a shared start from giving the rule away.
"""

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from threefactor.analysis.solutions.permutation import one_hot, p_value, permutations_within


class Classification(NamedTuple):
    """Outcome of leaving every block out once.

    Attributes
    ----------
    accuracy : float
        Fraction of networks whose group was found.
    chance : float
        Mean accuracy over the permutations.
    p : float
        One-sided permutation p of the accuracy.
    confusion : ndarray
        Fractions, (g, g): true group, found group; rows sum to 1.
    """

    accuracy: float
    chance: float
    p: float
    confusion: NDArray[np.float64]


def nearest_groups(
    squared: NDArray[np.float64], members: NDArray[np.float64], blocks: NDArray[np.float64]
) -> NDArray[np.int64]:
    """Find the nearest centroid of each network with its own block left out.

    Parameters
    ----------
    squared : ndarray
        Squared distances, (n, n).
    members : ndarray
        Memberships in groups, (n, g).
    blocks : ndarray
        Memberships in blocks, (n, h).

    Returns
    -------
    ndarray
        Index of the nearest group, (n); −1 where every group is empty without the block.
    """
    inside = squared * (blocks @ blocks.T)
    to_group, to_inside = squared @ members, inside @ members
    size = members.sum(0) - blocks.T @ members
    own = members * to_group
    left_out = blocks.T @ (members * (2 * to_group - to_inside))
    with np.errstate(divide="ignore", invalid="ignore"):
        inner = np.where(size > 0, (own.sum(0) - left_out) / size**2, 0)
        to_centroid = (to_group - to_inside) / (blocks @ size) - (blocks @ inner) / 2
    to_centroid = np.where(blocks @ size > 0, to_centroid, np.inf)
    return np.where(np.isfinite(to_centroid).any(1), to_centroid.argmin(1), -1)


def leave_block_out(
    distances: NDArray[np.float64],
    labels: NDArray[np.int64],
    blocks: NDArray[np.int64],
    permutations: int,
    *,
    generator: torch.Generator,
) -> Classification:
    """Classify every network with its block left out, and permute labels within blocks for the null.

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
    """
    squared, members, block_members = distances**2, one_hot(labels), one_hot(blocks)
    truth = members.argmax(1)
    found = nearest_groups(squared, members, block_members)
    accuracy = float((found == truth).mean())
    null = np.array(
        [
            (nearest_groups(squared, members[order], block_members) == truth[order]).mean()
            for order in permutations_within(blocks, permutations, generator=generator)
        ]
    )
    confusion = np.zeros((members.shape[1], members.shape[1]))
    np.add.at(confusion, (truth[found >= 0], found[found >= 0]), 1)
    confusion /= np.maximum(confusion.sum(1, keepdims=True), 1)
    return Classification(accuracy, float(null.mean()), p_value(accuracy, null), confusion)
