"""Kaplan–Meier curves."""

import math

import numpy as np
import pytest
from scipy.stats import chi2

from threefactor.analysis.solutions import survival

TRIALS = np.array([5.0, 8, 8, 12, 20, 20])


REACHED = np.array([True, True, False, True, False, False])


def test_curve_by_hand():
    curve = survival.survival_curve(TRIALS, REACHED)
    assert curve.trial.tolist() == [0, 5, 8, 12, 20]
    assert curve.at_risk.tolist() == [6, 6, 5, 3, 2]
    np.testing.assert_allclose(curve.waiting, [1, 5 / 6, 5 / 6 * 4 / 5, 5 / 6 * 4 / 5 * 2 / 3, 4 / 9])


def test_interval_by_hand():
    """That of log(−log S), whose variance is Greenwood's sum over (log S)²."""
    curve, summed = survival.survival_curve(TRIALS, REACHED), 0.0
    for place, (arrived, at_risk) in enumerate([(1, 6), (1, 5), (1, 3), (0, 2)], 1):
        summed += arrived / (at_risk * (at_risk - arrived))
        log = math.log(curve.waiting[place])
        half = 1.959963984540054 * math.sqrt(summed) / -log
        assert curve.low[place] == pytest.approx(math.exp(log * math.exp(half)), rel=1e-12)
        assert curve.high[place] == pytest.approx(math.exp(log * math.exp(-half)), rel=1e-12)


def test_an_interval_has_no_width_where_all_wait_or_none():
    curve = survival.survival_curve(np.array([3.0, 5, 9]), np.array([False, True, True]))
    assert curve.waiting.tolist() == [1, 1, 0.5, 0]
    for bound in (curve.low, curve.high):
        assert bound[[0, 1, 3]].tolist() == [1, 1, 0]


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


def test_logrank_by_hand():
    """Arrivals less those expected, over their hypergeometric variance, at each trial at which one arrives."""
    other, arrived = np.array([4.0, 8, 15, 20]), np.array([True, True, True, False])
    excess = variance = 0.0
    for trial in np.unique(np.r_[TRIALS[REACHED], other[arrived]]):
        of_one, of_both = (trial <= TRIALS).sum(), (trial <= TRIALS).sum() + (other >= trial).sum()
        here = ((trial == TRIALS) & REACHED).sum()
        both = here + ((other == trial) & arrived).sum()
        share = of_one / of_both
        excess += here - both * share
        variance += both * share * (1 - share) * (of_both - both) / max(of_both - 1, 1)
    p = survival.logrank_p(TRIALS, REACHED, other, arrived)
    assert p == pytest.approx(chi2.sf(excess**2 / variance, 1), rel=1e-12)


def test_logrank_has_no_evidence_where_the_rules_were_never_tried_together():
    early, late = np.array([1.0, 2]), np.array([5.0, 6])
    assert survival.logrank_p(early, np.zeros(2, bool), late, np.ones(2, bool)) == 1
