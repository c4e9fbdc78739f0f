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
