import numpy as np
import pandas as pd
import pytest
import torch

from threefactor.analysis.solutions import comparison_columns, comparison_tables

MEASURES = ["participation_ratio", "relative_change"]


def random_rates(count, seed=0):
    return torch.randn(count, 8, 5, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def retrained():
    trials = [100, 200, 500, 50, 100, 250, 500, 500, 500]
    return pd.DataFrame(
        {
            "learning_rule": ["theta_33"] * 3 + ["bptt"] * 3 + ["theta_11"] * 3,
            "network": [0, 1, 2] * 3,
            "reached": [t < 500 for t in trials],
            "trials_to_criterion": trials,
            "accuracy": [0.9, 1.0, 0.1] + [0.8] * 3 + [0.5] * 3,
            "analysed": [True, True, False] + [True] * 3 + [False] * 3,
        }
    )


def test_criterion_counts_every_network_and_pairs_rules_by_network():
    table = comparison_tables.criterion_table(
        retrained(), 500, comparison_tables.bootstrap_counts(3, 200, 1)
    ).set_index("learning_rule")
    assert table.networks.tolist() == [3, 3, 3]
    assert table.reached.tolist() == [2, 3, 0]
    assert table.analysed.tolist() == [2, 3, 0]
    assert table.loc["bptt", "ratio_to_theta_33"] == pytest.approx(0.5)
    assert table.loc["bptt", ["ratio_low", "ratio_high"]].tolist() == pytest.approx([0.5, 0.5])
    assert table.loc["theta_11", "restricted_mean"] == 500
    assert np.isnan(table.loc["theta_11", "median"])
    assert table.loc["theta_33", "accuracy"] == pytest.approx(0.95)


def test_without_the_reference_the_ratios_are_missing_and_the_rest_stands():
    rest = retrained().query("learning_rule != 'theta_33'")
    table = comparison_tables.criterion_table(rest, 500, comparison_tables.bootstrap_counts(3, 20, 1))
    assert table.ratio_to_theta_33.isna().all()
    assert table.restricted_mean.notna().all()


def test_survival_has_every_rule():
    table = comparison_tables.survival_table(retrained())
    assert list(table.columns) == comparison_columns.SURVIVAL.names()
    assert table.groupby("learning_rule").waiting.min().to_dict() == pytest.approx(
        {"bptt": 0, "theta_11": 1, "theta_33": 1 / 3}
    )


def profile():
    values = {name: np.arange(1.0, 7) for name in MEASURES}
    return pd.DataFrame({"learning_rule": ["r"] * 3 + ["bptt"] * 3, "network": [0, 1, 4] * 2, **values})


def test_spread_of_a_rule_and_its_ratio_to_the_gradient():
    distances = comparison_tables.all_distances(random_rates(6), 5)
    table = comparison_tables.spread_table(
        profile(), distances, MEASURES, comparison_tables.bootstrap_counts(5, 300, 1)
    )
    assert list(table.columns) == comparison_columns.SPREAD.names()
    one = table[(table.learning_rule == "r") & (table.quantity == "cka")].iloc[0]
    pairs = distances["cka"][[0, 0, 1], [1, 2, 2]]
    assert one.estimate == pytest.approx(pairs.mean())
    assert one.ratio_to_bptt == pytest.approx(pairs.mean() / distances["cka"][[3, 3, 4], [4, 5, 5]].mean())
    mean = table[(table.learning_rule == "bptt") & (table.quantity == "relative_change")].iloc[0]
    assert (mean.estimate, mean.ratio_to_bptt, mean.networks) == (5, 1, 3)


def test_tests_say_within_what_they_permute_and_repeat_with_the_seed():
    distances = comparison_tables.all_distances(random_rates(6), 5)
    given = (distances, np.array([0, 0, 0, 1, 1, 1]), np.array([0, 1, 4] * 2), 19)
    (first, confusions), (second, _) = (
        comparison_tables.tests_table(*given, 1),
        comparison_tables.tests_table(*given, 1),
    )
    pd.testing.assert_frame_equal(first, second)
    assert list(first.columns) == comparison_columns.PERMANOVA.names()
    assert len(first) == 12
    assert (first.factor != first.permuted_within).all()
    assert confusions["cka"].shape == (2, 2)


def test_nothing_to_compare_gives_empty_tables_with_their_columns():
    empty = profile().iloc[:0]
    nobody = np.empty(0, np.int64)
    found = [
        (comparison_columns.EMBEDDING, comparison_tables.embedding_table({}, empty)),
        (comparison_columns.PERMANOVA, comparison_tables.tests_table({}, nobody, nobody, 9, 1)[0]),
        (
            comparison_columns.SPREAD,
            comparison_tables.spread_table(empty, {}, MEASURES, comparison_tables.bootstrap_counts(3, 5, 1)),
        ),
    ]
    for declared, table in found:
        assert list(table.columns) == declared.names()
        assert not len(table)
