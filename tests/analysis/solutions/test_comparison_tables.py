import numpy as np
import pandas as pd
import pytest
import torch

from random_numbers import noise
from threefactor.analysis.solutions import comparison_columns, comparison_tables
from threefactor.analysis.solutions.compared import Compared
from threefactor.analysis.solutions.distances import NAMES

MEASURES = ["participation_ratio", "relative_change"]


def random_networks(count):
    """Return networks in trials that have no delay."""
    return Compared(
        noise(count, 2, 8, 5),
        noise(2, 8, 2, seed=1),
        torch.zeros(8, dtype=torch.bool),
        noise(count, 5, 5, seed=2),
        noise(count, 5, 2, seed=3),
        noise(count, 1, 5, seed=4),
        shape_components=5,
    )


def test_distances_that_are_costly_or_have_no_delay_are_left_out():
    given = random_networks(3)
    left_out = {"dsa_delay", "weights_aligned"}
    assert list(comparison_tables.all_distances(given)) == [name for name in NAMES if name not in left_out]
    with_delay = given._replace(within=torch.ones(8, dtype=torch.bool))
    assert "dsa_delay" in comparison_tables.all_distances(with_delay)


def profile():
    values = {name: np.arange(1.0, 7) for name in MEASURES}
    return pd.DataFrame({"learning_rule": ["r"] * 3 + ["bptt"] * 3, "network": [0, 1, 4] * 2, **values})


def test_spread_of_a_rule_and_its_ratio_to_the_gradient():
    distances = comparison_tables.all_distances(random_networks(6))
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
    distances = comparison_tables.all_distances(random_networks(6))
    given = (distances, np.array([0, 0, 0, 1, 1, 1]), np.array([0, 1, 4] * 2), (19, 9))
    (first, confusions), (second, _) = (
        comparison_tables.tests_table(*given, 1),
        comparison_tables.tests_table(*given, 1),
    )
    pd.testing.assert_frame_equal(first, second)
    assert list(first.columns) == comparison_columns.TESTS.names()
    assert len(first) == 4 * len(distances)
    assert (first.factor != first.permuted_within).all()
    assert confusions["cka"].shape == (2, 2)


def test_nothing_to_compare_gives_empty_tables_with_their_columns():
    empty = profile().iloc[:0]
    nobody = np.empty(0, np.int64)
    found = [
        (comparison_columns.EMBEDDING, comparison_tables.embedding_table({}, empty)),
        (comparison_columns.TESTS, comparison_tables.tests_table({}, nobody, nobody, (9, 9), 1)[0]),
        (
            comparison_columns.SPREAD,
            comparison_tables.spread_table(empty, {}, MEASURES, comparison_tables.bootstrap_counts(3, 5, 1)),
        ),
    ]
    for declared, table in found:
        assert list(table.columns) == declared.names()
        assert not len(table)
