"""Spread of a rule over what is reachable."""

import numpy as np
import pytest

from analysis.solutions.groups import euclidean
from threefactor import seeding
from threefactor.analysis.solutions.bootstrap import resample_counts
from threefactor.analysis.solutions.spread_over_null import spread_over_null


def points(seed, count=24, scale=1.0):
    return scale * np.random.default_rng(seed).normal(size=(count, 3))


def test_the_ratio_is_of_means_and_scales_with_the_spread():
    distances, reachable, anchors = euclidean(points(0)), np.array([2.0, 4, 3, 3]), np.array([0, 3, 9, 20])
    counts = resample_counts(24, 400, generator=seeding.generator(0))
    one = spread_over_null(distances, reachable, anchors, counts)
    half = spread_over_null(distances / 2, reachable, anchors, counts)
    pairs = [distances[i, j] for i in range(24) for j in range(i)]
    assert one.ratio == pytest.approx(np.mean(pairs) / 3)
    assert one.low < one.ratio < one.high
    np.testing.assert_allclose(half[3:], np.array(one[3:]) / 2)


def test_an_anchor_is_drawn_with_its_network():
    distances, anchors = euclidean(points(1, 4)), np.array([2, 0, 3])
    reachable = np.array([1.0, 5, 7])
    drawn = [0, 0, 2, 1]
    counts = np.bincount(drawn, minlength=4)[None].astype(float)
    found = spread_over_null(distances, reachable, anchors, counts)
    pairs = [distances[i, j] for a, i in enumerate(drawn) for b, j in enumerate(drawn) if a != b and i != j]
    assert found.low == found.high == pytest.approx(np.mean(pairs) / np.mean([5, 5, 1]))


def test_the_interval_holds_the_truth():
    """Networks and walks both spread by one: the ratio is 1."""
    held = []
    for seed in range(150):
        rng = np.random.default_rng(seed)
        walks = [euclidean(rng.normal(size=(4, 3))) for _ in range(12)]
        reachable = np.array([walk.sum() / 12 for walk in walks])
        counts = resample_counts(24, 200, generator=seeding.generator(seed))
        found = spread_over_null(euclidean(points(seed + 999)), reachable, np.arange(12), counts)
        held.append(found.low < 1 < found.high)
    # binomial standard error 0.018; too wide, if at all, as the networks are more than the anchors
    assert np.mean(held) > 0.95 - 3 * 0.018
    assert not all(held)


def test_few_anchors_have_no_interval_and_each_needs_its_distance():
    distances, counts = euclidean(points(2)), np.ones((1, 24))
    found = spread_over_null(distances, np.array([1.0, 2]), np.array([0, 1]), counts)
    assert found.ratio > 0
    assert np.isnan([found.low, found.high]).all()
    with pytest.raises(ValueError, match="must be one for each"):
        spread_over_null(distances, np.ones(3), np.arange(2), counts)
