"""Distances between rules, and which rules are one function."""

import numpy as np
import pytest

from threefactor.analysis.families import rule_distances

NAMES = ["theta_33", "double", "theta_11", "minus"]


@pytest.fixture
def table():
    """Return the distances of a rule, its double, another rule and the first one's negative."""
    thetas = np.array([[1.0, 0.0], [2.0, 0.0], [0.0, 1.0], [-1.0, 0.0]])
    moment = np.array([[2.0, 0.5], [0.5, 1.0]])
    product = thetas @ moment @ thetas.T
    return rule_distances.pairs(
        NAMES, {"double": "odd", "minus": "all"}, thetas, {"learning": product}, ["raw"] * 4
    )


def test_a_rule_and_its_multiple_are_one_and_two_monomials_are_not(table):
    found = table.set_index(["first", "second"])
    same, other = found.loc[("theta_33", "double")], found.loc[("theta_33", "theta_11")]
    assert same.theta_distance == pytest.approx(0, abs=1e-12)
    assert same.function_distance_learning == pytest.approx(0, abs=1e-12)
    assert other.theta_distance == pytest.approx(1)
    assert other.function_distance_learning == pytest.approx(1 - 0.5 / 2**0.5), "as functions they overlap"
    assert found.loc[("theta_33", "minus")].function_distance_learning == pytest.approx(2)
    assert not table.same_class.any()


def test_a_rule_without_coefficients_has_no_distance():
    found = rule_distances.cosine_distance(np.array([[1.0, 0.0], [0.0, 0.0]]))
    assert np.isnan(found[0, 1])
    assert np.isnan(found[1, 1])


def test_rules_are_distinct_that_lie_further_apart_than_rules_of_one_class():
    names = ["a", "a_2", "b", "c"]
    place = np.array([0.0, 0.2, 0.15, 1.0])
    angle = np.stack([np.cos(place), np.sin(place)], 1)
    of = {"a": "odd", "a_2": "odd", "b": "all", "c": "rank 1"}
    table = rule_distances.pairs(names, of, angle, {"learning": angle @ angle.T}, ["raw"] * 4)
    assert table.same_class.tolist() == [True, False, False, False, False, False]
    found = rule_distances.cluster(table, names, "function_distance_learning")
    assert found.threshold == pytest.approx(1 - np.cos(0.2))
    assert len(set(found.label[:3])) == 1
    assert found.label[3] not in found.label[:3]
    other = rule_distances.pairs(
        names, of, angle, {"learning": angle @ angle.T}, ["raw", "raw", "normalised", "raw"]
    )
    assert other.theta_distance.isna().tolist() == [False, True, False, True, False, True]
    apart = rule_distances.cluster(other, names, "function_distance_learning")
    assert apart.label[2] not in apart.label[[0, 1, 3]]
    opposite = np.array([[1.0, 0.0], [-1.0, 0.0], [1.0, 0.0]])
    deviations = ["raw", "raw", "normalised"]
    worst = rule_distances.pairs(
        ["a", "a_2", "b"],
        {"a": "odd", "a_2": "odd"},
        opposite,
        {"learning": opposite @ opposite.T},
        deviations,
    )
    parted = rule_distances.cluster(worst, ["a", "a_2", "b"], "function_distance_learning")
    assert parted.label[0] == parted.label[1] != parted.label[2], "no distance is more than that of opposites"
    single = table.assign(same_class=False)
    alone = rule_distances.cluster(single, names, "function_distance_learning")
    assert alone.label.tolist() == [1, 2, 3, 4]
    assert np.isnan(alone.threshold)
