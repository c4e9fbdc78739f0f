import numpy as np
import pytest

from threefactor import seeding
from threefactor.analysis.solutions import bootstrap, trials_to_criterion


def test_restricted_mean_counts_failures_at_the_horizon():
    assert trials_to_criterion.restricted_mean(np.array([100.0, 300, 2000, 5000]), 2000) == 1100


def test_wilson_by_hand_and_at_the_ends():
    # 8 of 10: centre (0.8 + 0.19207) / 1.38415, half (1.95996 / 1.38415) * sqrt(0.016 + 0.0096036)
    low, high = trials_to_criterion.wilson_interval(8, 10)
    assert (low, high) == (pytest.approx(0.490162, abs=1e-5), pytest.approx(0.943318, abs=1e-5))
    assert trials_to_criterion.wilson_interval(0, 10)[0] == 0
    assert trials_to_criterion.wilson_interval(10, 10)[1] == pytest.approx(1)
    assert np.isnan(trials_to_criterion.wilson_interval(0, 0)).all()


def test_pairing_narrows_the_interval_of_a_ratio():
    rng = np.random.default_rng(0)
    reference = rng.lognormal(6, 0.6, size=64)
    values = 0.8 * reference * rng.lognormal(0, 0.05, size=64)
    counts = bootstrap.resample_counts(64, 1000, generator=seeding.generator(0))
    ratio, low, high = trials_to_criterion.paired_ratio(values, reference, counts)
    _, loose_low, loose_high = trials_to_criterion.paired_ratio(rng.permutation(values), reference, counts)
    assert ratio == pytest.approx(values.mean() / reference.mean())
    assert low < ratio < high
    assert high - low < (loose_high - loose_low) / 4


def test_a_rule_against_itself_is_exactly_one():
    values = np.array([3.0, 7, 5])
    counts = bootstrap.resample_counts(3, 50, generator=seeding.generator(0))
    assert trials_to_criterion.paired_ratio(values, values, counts) == (1, 1, 1)
