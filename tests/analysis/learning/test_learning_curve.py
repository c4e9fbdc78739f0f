import numpy as np
import pytest

from threefactor.analysis.learning.learning_curve import curve, trailing_mean


def test_trailing_mean_equals_the_slow_loop_and_holds_after_stopping():
    values = np.random.default_rng(0).normal(size=(3, 30))
    values[1, 12:], values[2, 2:] = np.nan, np.nan
    trials = np.array([1, 4, 11, 12, 13, 30])
    fast = trailing_mean(values, trials, 5)
    for b, stop in enumerate((30, 12, 2)):
        for s, h in enumerate(trials):
            end = min(h, stop)
            assert fast[b, s] == pytest.approx(values[b, max(0, end - 5) : end].mean(), abs=1e-13)


def test_a_network_without_trials_is_nan_and_left_out_of_the_curve():
    error = np.array([[0.5, 0.7], [np.nan, np.nan]])
    assert np.isnan(trailing_mean(error, np.array([1, 2]), 5)[1]).all()
    assert curve(error, error, 5).error.tolist() == [0.5, 0.6]
    assert curve(error[1:], error[1:], 5).empty
