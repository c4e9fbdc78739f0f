"""Bootstrap over initialisations."""

import numpy as np

from threefactor import seeding
from threefactor.analysis.solutions import bootstrap


def test_interval_covers_the_mean_of_normal_samples_as_often_as_it_says():
    rng = np.random.default_rng(0)
    counts = bootstrap.resample_counts(40, 500, generator=seeding.generator(1))
    bounds = [bootstrap.interval(bootstrap.weighted_mean(rng.normal(size=40), counts)) for _ in range(300)]
    covered = np.mean([low < 0 < high for low, high in bounds])
    # binomial standard error 0.013, and the percentile interval is a little short at n = 40
    assert 0.89 < covered < 0.98


def test_intervals_leave_nan_out():
    assert bootstrap.interval(np.array([np.nan, 1.0, 1.0])) == (1.0, 1.0)
    assert np.isnan(bootstrap.interval(np.array([np.nan]))).all()


def test_deviations_are_those_of_the_networks_that_were_drawn():
    values, rng = np.random.default_rng(1).normal(size=7), np.random.default_rng(2)
    counts = rng.multinomial(7, np.full(7, 1 / 7), size=20).astype(float)
    expected = [np.std(np.repeat(values, draw.astype(int)), ddof=1) for draw in counts]
    np.testing.assert_allclose(bootstrap.weighted_deviation(values, counts), expected, rtol=1e-12)
    alone = np.array([[0, 7, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0, 1], [0] * 7], dtype=float)
    assert np.isnan(bootstrap.weighted_deviation(values, alone)).all()


def test_the_interval_of_a_deviation_covers_that_of_normal_samples_nearly_as_often_as_it_says():
    rng = np.random.default_rng(3)
    counts = bootstrap.resample_counts(40, 500, generator=seeding.generator(1))
    samples = (bootstrap.weighted_deviation(rng.normal(size=40), counts) for _ in range(300))
    covered = np.mean([low < 1 < high for low, high in map(bootstrap.interval, samples)])
    # binomial standard error 0.016; the percentile interval of a deviation is short at n = 40
    assert 0.83 < covered < 0.97


def test_an_expanded_interval_of_few_units_holds_the_mean_as_often_as_it_says():
    rng = np.random.default_rng(1)
    counts = bootstrap.resample_counts(8, 2000, generator=seeding.generator(2))
    samples = [bootstrap.weighted_mean(rng.normal(size=8), counts) for _ in range(1000)]
    plain, expanded = (
        np.mean([low < 0 < high for low, high in (bootstrap.interval(one, level) for one in samples)])
        for level in (0.95, bootstrap.expanded_level(8))
    )
    assert plain < 0.92
    assert 0.95 - 4 * 0.007 < expanded < 0.95 + 4 * 0.007  # binomial standard error
