"""The test of spread."""

import numpy as np
import pytest
from scipy.stats import kstest

from analysis.solutions.groups import draw, euclidean
from analysis.solutions.permanova import permanova
from threefactor import seeding
from threefactor.analysis.solutions.dispersion import centroid_distances, dispersion


def test_centroid_distances_equal_the_loop():
    rng = np.random.default_rng(0)
    points, labels = rng.normal(size=(9, 3)), np.array([0, 1, 0, 2, 1, 1, 0, 1, 0])
    found = centroid_distances(euclidean(points), labels)
    for i, g in enumerate(labels):
        members = points[labels == g]
        slow = np.linalg.norm(points[i] - members.mean(0)) * np.sqrt(len(members) / max(len(members) - 1, 1))
        assert found[i] == pytest.approx(slow, abs=1e-7)


def test_dispersion_sees_spread_and_not_location_while_permanova_sees_location():
    wide = draw(5, blocks=30, scale=[1, 1, 2])
    apart = draw(5, blocks=30, shift=3.0)
    assert dispersion(*wide, 199, generator=seeding.generator(0)).p < 0.01
    assert dispersion(*apart, 199, generator=seeding.generator(0)).p > 0.05
    assert permanova(*apart, 199, generator=seeding.generator(0)).p < 0.01


def test_dispersion_p_is_uniform_under_the_null():
    values = [dispersion(*draw(s, blocks=12), 99, generator=seeding.generator(s)).p for s in range(150)]
    assert kstest(values, "uniform").pvalue > 0.01
