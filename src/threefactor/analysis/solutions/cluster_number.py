"""How many clusters networks make, beside points of one normal distribution.

Networks are placed by classical multidimensional scaling and joined by Ward's method, which gives clusterings of every
number k. With s_k the mean silhouette (Rousseeuw 1987) of k clusters, and mean and SD over draws of n points from a
normal distribution with the same variance along every coordinate, which has no clusters,

    z_k = (s_k − mean s⁰_k) / SD s⁰_k        k̂ = argmax_k z_k        p = (1 + #{max_k z⁰_k ≥ max_k z_k}) / (1 + draws)

The number is k̂ if p is small, and 1 if it is not. The null is of one mode and of the same shape, as that of Liu et al.
(2008), where Tibshirani et al. (2001) take a box. ASSUME normal: one skewed cloud may count as clusters, for which
reason the networks of one rule should be tested beside all. A few outliers do not count. Networks of one initialisation
make clusters, too: `without_factor` takes them out.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import pdist, squareform
from sklearn.metrics import adjusted_rand_score

from threefactor.analysis.solutions.mds import centred_products, classical_mds
from threefactor.analysis.solutions.permutation import one_hot, p_value


class Clusters(NamedTuple):
    """What was found.

    Attributes
    ----------
    number : int
        k̂, from 2: the number of clusters if there are any, clusters of outliers too.
    silhouette : float
        Mean silhouette of these, −1 to 1.
    excess : float
        z, in standard deviations of the null.
    p : float
        Of there being one cluster.
    labels : ndarray
        Cluster of each network, (n).
    """

    number: int
    silhouette: float
    excess: float
    p: float
    labels: NDArray[np.int64]


def without_factor(distances: NDArray[np.float64], labels: NDArray[np.int64]) -> NDArray[np.float64]:
    """Give the distances (n, n) that are left when the centroids of all levels of a factor, (n), lie in one place."""
    members = one_hot(labels)
    centre = np.eye(len(labels)) - members @ (members / members.sum(0)).T
    products = centre @ centred_products(distances) @ centre
    squares = np.diagonal(products)
    return np.asarray(np.sqrt((squares[:, None] + squares - 2 * products).clip(min=0)))


def silhouettes(
    distances: NDArray[np.float64], labels: NDArray[np.int64], smallest: int
) -> NDArray[np.float64]:
    """Give (b − a) / max(a, b) of each point, a its mean distance to its own cluster, b to the nearest other.

    Parameters
    ----------
    distances : ndarray
        Distances, (n, n).
    labels : ndarray
        Cluster of each point, (n).
    smallest : int
        Points of a cluster of fewer than this are outliers: their silhouette is 0, as it always is for a cluster of one
        (Rousseeuw 1987), and they are no neighbour of others.

    Returns
    -------
    ndarray
        Silhouettes, (n), −1 to 1; 0 where there is no other cluster.
    """
    members = one_hot(labels)
    size, total = members.sum(0), distances @ members
    own = (members * total).sum(1) / np.maximum(members @ size - 1, 1)
    other = np.where((members > 0) | (size < smallest), np.inf, total / size).min(1)
    with np.errstate(invalid="ignore"):
        value = (other - own) / np.maximum(own, other)
    return np.where((members @ size >= max(smallest, 2)) & np.isfinite(value), value, 0.0)


def clusterings(points: NDArray[np.float64], largest: int) -> NDArray[np.int64]:
    """Cluster points (n, c) into 2 to `largest` clusters by Ward's method, (largest − 1, n)."""
    tree = linkage(points, "ward")
    return np.array([fcluster(tree, k, "maxclust") for k in range(2, largest + 1)], dtype=np.int64)


def cluster_number(
    distances: NDArray[np.float64], largest: int, smallest: int, draws: int, *, generator: torch.Generator
) -> Clusters:
    """Find the number of clusters, and test whether there is more than one.

    Parameters
    ----------
    distances : ndarray
        Distances, (n, n).
    largest : int
        Largest number of clusters, 2 to n − 1.
    smallest : int
        Networks of a cluster of fewer than this are outliers (`silhouettes`).
    draws : int
        Draws of the null distribution, at least two.
    generator : torch.Generator
        Source of randomness.

    Raises
    ------
    ValueError
        If `largest` is out of bounds.
    """
    count = len(distances)
    if not 2 <= largest < count:
        raise ValueError(
            f"largest = {largest}: must be from 2 to {count - 1}, one less than there are networks"
        )
    points, _ = classical_mds(distances, count)
    found = clusterings(points, largest)
    width = np.sqrt((points**2).sum(0) / (count - 1))
    shape = draws, count, int((width > 0).sum())
    normal = torch.randn(shape, generator=generator, dtype=torch.float64).numpy() * width[: shape[2]]
    null = np.array([_scores(one, clusterings(one, largest), smallest) for one in normal])
    scores, spread = _scores(points, found, smallest), np.maximum(null.std(0, ddof=1), np.finfo(float).tiny)
    excess, null_excess = ((x - null.mean(0)) / spread for x in (scores, null))
    best = int(excess.argmax())
    return Clusters(
        number=best + 2,
        silhouette=float(scores[best]),
        excess=float(excess[best]),
        p=p_value(float(excess[best]), null_excess.max(1)),
        labels=found[best],
    )


def agreement(labels: NDArray[np.int64], factors: Mapping[str, NDArray[np.int64]]) -> dict[str, float]:
    """Give the adjusted Rand index of clusters (n) with each factor (n): 0 for chance, 1 for the same groups."""
    return {name: float(adjusted_rand_score(levels, labels)) for name, levels in factors.items()}


def _scores(points: NDArray[np.float64], labels: NDArray[np.int64], smallest: int) -> NDArray[np.float64]:
    """Give the mean silhouettes (k) of clusterings (k, n) of points (n, c)."""
    distances = squareform(pdist(points))
    return np.array([silhouettes(distances, one, smallest).mean() for one in labels])
