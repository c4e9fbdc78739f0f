import numpy as np
import pytest

from threefactor import seeding
from threefactor.analysis.solutions import bootstrap, spread


def random_distances(count, seed=0):
    points = np.random.default_rng(seed).normal(size=(count, 3))
    return np.linalg.norm(points[:, None] - points, axis=2)


def test_mean_distance_is_over_pairs_of_distinct_networks():
    distances = random_distances(5)
    pairs = [distances[i, j] for i in range(5) for j in range(i)]
    assert spread.mean_distance(distances) == pytest.approx(np.mean(pairs))
    assert np.isnan(spread.mean_distance(np.zeros((1, 1))))


def test_resampled_distance_equals_the_loop_and_leaves_copies_of_one_network_out():
    distances = random_distances(4)
    drawn = [0, 0, 3, 1]
    counts = np.bincount(drawn, minlength=4)[None].astype(float)
    pairs = [distances[i, j] for a, i in enumerate(drawn) for b, j in enumerate(drawn) if a != b and i != j]
    assert spread.resampled_distance(distances, counts)[0] == pytest.approx(np.mean(pairs))
    assert np.isnan(spread.resampled_distance(distances, np.array([[4.0, 0, 0, 0]]))[0])


def test_two_networks_have_a_distance_but_no_interval():
    counts = bootstrap.resample_counts(2, 50, generator=seeding.generator(0))
    pair, three = random_distances(2), random_distances(3)
    drawn = {"pair": counts, "three": bootstrap.resample_counts(3, 50, generator=seeding.generator(0))}
    distances = {"pair": pair, "three": three}
    samples = {rule: spread.resampled_distance(distances[rule], drawn[rule]) for rule in distances}
    estimates = {rule: spread.mean_distance(distances[rule]) for rule in distances}
    two, more = spread.spread_rows(estimates, samples, "pair")
    assert two["estimate"] == pytest.approx(pair[0, 1])
    assert np.isnan([two["low"], two["high"], more["ratio_low"], more["ratio_high"]]).all()
    assert more["low"] < more["estimate"] < more["high"]


def test_the_bootstrap_is_centred_on_the_estimate():
    distances = random_distances(30)
    counts = bootstrap.resample_counts(30, 2000, generator=seeding.generator(0))
    found = spread.resampled_distance(distances, counts)
    assert (counts.sum(1) == 30).all()
    assert found.mean() == pytest.approx(spread.mean_distance(distances), rel=0.02)
