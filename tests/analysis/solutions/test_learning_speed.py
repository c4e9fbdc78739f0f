"""How fast rules bring networks to the criterion, on made-up networks."""

import numpy as np
import pandas as pd
import pytest

from threefactor.analysis.solutions import learning_speed
from threefactor.analysis.solutions.comparison_columns import SURVIVAL
from threefactor.analysis.solutions.comparison_tables import bootstrap_counts


def retrained():
    trials = [100, 200, 500, 50, 100, 250, 500, 500, 500]
    return pd.DataFrame(
        {
            "learning_rule": ["theta_33"] * 3 + ["bptt"] * 3 + ["theta_11"] * 3,
            "network": [0, 1, 2] * 3,
            "reached": [t < 500 for t in trials],
            "trials_to_criterion": trials,
            "accuracy_last": [0.9, 1.0, 0.1] + [0.8] * 3 + [0.5] * 3,
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
    assert table.loc["theta_33", "accuracy"] == pytest.approx(2 / 3), "of every network"


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
