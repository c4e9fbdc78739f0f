"""Corrections for the number of tests."""

import numpy as np
import pytest

from threefactor.analysis.solutions.multiple_testing import benjamini_hochberg, holm


def test_holm_by_hand():
    found = holm(np.array([0.04, 0.01, np.nan, 0.03, 0.5]))
    np.testing.assert_allclose(found, [0.09, 0.04, np.nan, 0.09, 0.5])


def test_benjamini_hochberg_by_hand():
    found = benjamini_hochberg(np.array([0.04, 0.01, np.nan, 0.03, 0.5]))
    np.testing.assert_allclose(found, [0.04 * 4 / 3, 0.04, np.nan, 0.04 * 4 / 3, 0.5])


def test_no_test_at_all():
    for correct in (holm, benjamini_hochberg):
        assert np.isnan(correct(np.full(3, np.nan))).all()


def test_holm_keeps_the_rate_of_any_false_positive():
    p = np.random.default_rng(0).uniform(size=(2000, 20))
    any_found = np.mean([(holm(row) <= 0.05).any() for row in p])
    assert any_found == pytest.approx(0.05, abs=4 * (0.05 * 0.95 / 2000) ** 0.5)  # binomial
    assert np.mean((p <= 0.05).any(1)) > 0.5
