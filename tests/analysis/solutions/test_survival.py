"""Kaplan–Meier curves."""

import numpy as np
import pytest
from lifelines import KaplanMeierFitter

from threefactor.analysis.solutions import survival

TRIALS = np.array([5.0, 8, 8, 12, 20, 20])


REACHED = np.array([True, True, False, True, False, False])


def test_curve_by_hand_and_by_lifelines():
    curve = survival.survival_curve(TRIALS, REACHED)
    assert curve.trial.tolist() == [0, 5, 8, 12, 20]
    assert curve.at_risk.tolist() == [6, 6, 5, 3, 2]
    np.testing.assert_allclose(curve.waiting, [1, 5 / 6, 5 / 6 * 4 / 5, 5 / 6 * 4 / 5 * 2 / 3, 4 / 9])
    np.testing.assert_allclose(
        curve.waiting[1:], KaplanMeierFitter().fit(TRIALS, REACHED).predict([5, 8, 12, 20])
    )
    assert (curve.low <= curve.waiting).all()


def test_quantiles_exist_only_where_enough_networks_arrived():
    curve = survival.survival_curve(TRIALS, REACHED)
    assert survival.quantile_trial(curve, 0.25) == 8
    assert survival.quantile_trial(curve, 0.5) == 12
    assert np.isnan(survival.quantile_trial(curve, 0.75))


def test_nobody_at_criterion_stays_at_one():
    curve = survival.survival_curve(np.full(4, 100.0), np.zeros(4, bool))
    assert (curve.waiting == 1).all()
    assert np.isnan([curve.low, curve.high]).all(), "an interval that no data support"
    slow = np.full(4, 100.0)
    assert np.isnan(survival.logrank_p(slow, np.zeros(4, bool), slow, np.zeros(4, bool)))


def test_logrank_tells_fast_from_slow_and_not_a_rule_from_itself():
    fast, slow = np.arange(1.0, 21), np.arange(41.0, 61)
    everyone = np.ones(20, bool)
    assert survival.logrank_p(fast, everyone, slow, everyone) < 1e-6
    assert survival.logrank_p(fast, everyone, fast, everyone) == pytest.approx(1)
