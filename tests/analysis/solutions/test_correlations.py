"""Correlations of ranks, beside scipy and under a difference between rules alone."""

import numpy as np
import pytest
from scipy.stats import spearmanr

from threefactor import seeding
from threefactor.analysis.solutions.bootstrap import resample_counts
from threefactor.analysis.solutions.correlations import correlation, correlation_within

COUNT = 60


def draw(seed, slope=0.0, shift=0.0):
    rng = np.random.default_rng(seed)
    rule = np.repeat([0, 1, 2], COUNT // 3)
    first = rng.normal(size=COUNT) + shift * rule
    return first, slope * first + rng.normal(size=COUNT) + shift * rule, rule


def counts():
    return resample_counts(COUNT, 400, generator=seeding.generator(1))


def test_it_is_that_of_spearman_and_lies_in_its_interval():
    first, second, _ = draw(1, slope=0.7)
    found = correlation(first, np.exp(second), counts())
    assert found.estimate == pytest.approx(spearmanr(first, second).statistic)
    assert found.low < found.estimate < found.high
    assert found.low > 0


def test_a_difference_between_rules_is_no_correlation_within_them():
    first, second, rule = draw(2, shift=4.0)
    assert correlation(first, second, counts()).low > 0.5
    inside = correlation_within(first, second, rule, counts())
    assert inside.low < 0 < inside.high
    first, second, rule = draw(3, slope=2.0, shift=-1.0)
    assert correlation_within(first, second, rule, counts()).low > 0.5


def test_what_does_not_vary_has_no_correlation():
    first, _, rule = draw(1)
    found = correlation(first, np.ones(COUNT), counts())
    assert np.isnan([found.estimate, found.low, found.high]).all()
    inside = correlation_within(first, rule.astype(float), rule, counts())
    assert np.isnan(inside.estimate)
