"""How fast rules bring networks to the criterion, on made-up networks."""

import numpy as np
import pandas as pd
import pytest

from threefactor.analysis.solutions import learning_speed
from threefactor.analysis.solutions.comparison_columns import CRITERION, SURVIVAL
from threefactor.analysis.solutions.comparison_tables import bootstrap_counts


def retrained():
    trials = [100, 200, 500, 50, 100, 250, 500, 500, 500]
    return pd.DataFrame(
        {
            "learning_rule": ["theta_33"] * 3 + ["bptt"] * 3 + ["theta_11"] * 3,
            "network": [0, 1, 2] * 3,
            "reached": [t < 500 for t in trials],
            "trials_to_criterion": trials,
            "accuracy_last": [0.9, 1.0, 0.2] + [0.8] * 3 + [0.5] * 3,
        }
    )


def test_criterion_counts_every_network_and_pairs_rules_by_network():
    table = learning_speed.criterion_table(retrained(), 500, bootstrap_counts(3, 200, 1)).set_index(
        "learning_rule"
    )
    assert table.networks.tolist() == [3, 3, 3]
    assert table.reached.tolist() == [2, 3, 0]
    assert table.loc["bptt", "ratio_to_theta_33"] == pytest.approx(0.5)
    assert table.loc["bptt", ["ratio_low", "ratio_high"]].tolist() == pytest.approx([0.5, 0.5])
    assert table.loc["theta_11", "restricted_mean"] == 500
    assert np.isnan(table.loc["theta_11", "median"])
    assert table.loc["theta_33", "accuracy"] == pytest.approx(0.7), "networks that failed count too"
    assert (table.horizon == 500).all()
    assert list(table.reset_index().columns) == CRITERION.names()


def test_without_the_reference_the_ratios_are_missing_and_the_rest_stands():
    rest = retrained().query("learning_rule != 'theta_33'")
    table = learning_speed.criterion_table(rest, 500, bootstrap_counts(3, 20, 1))
    assert table.ratio_to_theta_33.isna().all()
    assert table.restricted_mean.notna().all()


def test_survival_has_every_rule():
    table = learning_speed.survival_table(retrained())
    assert list(table.columns) == SURVIVAL.names()
    assert table.groupby("learning_rule").waiting.min().to_dict() == pytest.approx(
        {"bptt": 0, "theta_11": 1, "theta_33": 1 / 3}
    )


def test_without_a_network_at_criterion_there_is_no_ratio_and_no_interval():
    slow = retrained().query("learning_rule != 'bptt'").assign(trials_to_criterion=500, reached=False)
    table = learning_speed.criterion_table(slow, 500, bootstrap_counts(3, 200, 1)).set_index("learning_rule")
    assert table.restricted_mean.tolist() == [500, 500]
    unknown = ["restricted_mean_low", "restricted_mean_high", "ratio_to_theta_33", "ratio_low", "ratio_high"]
    assert table[[*unknown, "logrank_p", "median"]].isna().all(axis=None)
    assert table.reached_high.between(0, 1, inclusive="neither").all(), (
        "a count of none has Wilson's interval"
    )
    curves = learning_speed.survival_table(slow)
    assert (curves.waiting == 1).all()
    assert curves[["low", "high"]].isna().all(axis=None)


def test_one_network_at_criterion_under_either_rule_makes_a_ratio():
    one = retrained().query("learning_rule != 'bptt'").assign(trials_to_criterion=500, reached=False)
    one.loc[0, ["trials_to_criterion", "reached"]] = [200, True]
    table = learning_speed.criterion_table(one, 500, bootstrap_counts(3, 200, 1)).set_index("learning_rule")
    assert table.loc["theta_11", "ratio_to_theta_33"] == pytest.approx(1500 / 1200)
    assert table.loc["theta_11", "ratio_low"] < table.loc["theta_11", "ratio_high"]
    assert table.logrank_p.notna().all()
    assert table.restricted_mean_low.notna().tolist() == [True, False]


def test_networks_that_arrive_after_the_horizon_are_censored_at_it():
    late = retrained().assign(trials_to_criterion=400, reached=True)
    table = learning_speed.criterion_table(late, 300, bootstrap_counts(3, 200, 1))
    assert table.ratio_to_theta_33.isna().all()
    known = learning_speed.criterion_table(late, 400, bootstrap_counts(3, 200, 1))
    assert (known.ratio_to_theta_33 == 1).all()
