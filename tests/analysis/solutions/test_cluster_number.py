"""The number of clusters."""

import numpy as np
import pytest
from scipy.stats import kstest
from sklearn.metrics import silhouette_samples

from analysis.solutions.groups import draw, euclidean
from threefactor import seeding
from threefactor.analysis.solutions.cluster_number import (
    agreement,
    cluster_number,
    silhouettes,
    without_factor,
)


def blobs(centres, size, seed=0):
    rng = np.random.default_rng(seed)
    labels = np.repeat(np.arange(len(centres)), size)
    return rng.normal(size=(len(labels), 3)) + np.asarray(centres)[labels], labels


def test_silhouettes_are_those_of_scikit_learn():
    points, labels = blobs([[0, 0, 0], [2, 0, 0], [0, 2, 0]], 6)
    labels[0] = 7  # alone
    distances = euclidean(points)
    np.testing.assert_allclose(
        silhouettes(distances, labels, 1),
        silhouette_samples(distances, labels, metric="precomputed"),
        atol=1e-12,
    )


def test_an_outlier_is_no_cluster():
    points, labels = blobs([[0, 0, 0], [9, 0, 0]], 8)
    points[0] = -40
    labels[0] = 7
    distances = euclidean(points)
    found = silhouettes(distances, labels, 2)
    assert found[0] == 0
    without = silhouette_samples(distances[1:, 1:], labels[1:], metric="precomputed")
    np.testing.assert_allclose(found[1:], without, atol=1e-12)
    assert (silhouettes(distances, np.where(labels == 7, 1, 0), 2) == 0).all()  # one cluster and an outlier
    cloud = np.random.default_rng(3).normal(size=(30, 3))
    cloud[0] = 12
    strict, lenient = (
        cluster_number(euclidean(cloud), 5, smallest, 39, generator=seeding.generator(0)).p
        for smallest in (3, 1)
    )
    assert lenient <= 0.05 < strict


@pytest.mark.parametrize("count", [2, 3, 5])
def test_clusters_that_lie_apart_are_counted(count):
    angle = 2 * np.pi * np.arange(count) / count
    points, labels = blobs(12 * np.stack([np.cos(angle), np.sin(angle), 0 * angle], 1), 12)
    found = cluster_number(euclidean(points), 8, 3, 19, generator=seeding.generator(0))
    assert found.number == count
    assert found.p == pytest.approx(1 / 20)
    noise = np.random.default_rng(0).permutation(labels)
    index = agreement(found.labels, {"rule": labels, "noise": noise})
    assert index["rule"] == pytest.approx(1)
    assert abs(index["noise"]) < 0.2


def test_p_is_uniform_for_one_long_cloud():
    values = []
    for seed in range(100):
        points = np.random.default_rng(seed).normal(size=(30, 3)) * np.array([6, 2, 1])
        found = cluster_number(euclidean(points), 4, 2, 39, generator=seeding.generator(seed))
        values.append(found.p)
    assert kstest(values, "uniform").pvalue > 0.01


def test_without_initialisations_distances_are_those_of_the_residuals():
    distances, _, block = draw(0, block_scale=4.0)
    rng = np.random.default_rng(1)
    points = rng.normal(size=(len(block), 3)) + 5 * rng.normal(size=(7, 3))[block]
    centred = points - np.array([points[block == b].mean(0) for b in block])
    np.testing.assert_allclose(without_factor(euclidean(points), block), euclidean(centred), atol=1e-7)
    assert without_factor(distances, block).mean() < 0.6 * distances.mean()


def test_too_many_clusters_are_refused():
    with pytest.raises(ValueError, match="largest = 4: must be"):
        cluster_number(euclidean(np.eye(4)), 4, 1, 9, generator=seeding.generator(0))
