"""Distances between rules, which of them are different, and what is said of them."""

import numpy as np
import pytest

from figures import synthetic as made
from threefactor.analysis.families import distances, scores, words

NAMES = ["theta_33", "double", "theta_11", "minus"]


@pytest.fixture
def table():
    """Return the distances of a rule, its double, another rule and the first one's negative."""
    thetas = np.array([[1.0, 0.0], [2.0, 0.0], [0.0, 1.0], [-1.0, 0.0]])
    moment = np.array([[2.0, 0.5], [0.5, 1.0]])
    product = thetas @ moment @ thetas.T
    return distances.pairs(
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
    assert not table.same_member.any()


def test_a_rule_without_coefficients_has_no_distance():
    found = distances.cosine_distance(np.array([[1.0, 0.0], [0.0, 0.0]]))
    assert np.isnan(found[0, 1])
    assert np.isnan(found[1, 1])


def test_rules_are_different_that_lie_further_apart_than_starts_of_one_member():
    names = ["a", "a_2", "b", "c"]
    place = np.array([0.0, 0.2, 0.15, 1.0])
    angle = np.stack([np.cos(place), np.sin(place)], 1)
    of = {"a": "odd", "a_2": "odd", "b": "all", "c": "rank 1"}
    table = distances.pairs(names, of, angle, {"learning": angle @ angle.T}, ["raw"] * 4)
    assert table.same_member.tolist() == [True, False, False, False, False, False]
    found = distances.cluster(table, names, "function_distance_learning")
    assert found.threshold == pytest.approx(1 - np.cos(0.2))
    assert len(set(found.label[:3])) == 1
    assert found.label[3] not in found.label[:3]
    other = distances.pairs(
        names, of, angle, {"learning": angle @ angle.T}, ["raw", "raw", "normalised", "raw"]
    )
    assert other.theta_distance.isna().tolist() == [False, True, False, True, False, True]
    apart = distances.cluster(other, names, "function_distance_learning")
    assert apart.label[2] not in apart.label[[0, 1, 3]]
    opposite = np.array([[1.0, 0.0], [-1.0, 0.0], [1.0, 0.0]])
    trial_types = ["raw", "raw", "normalised"]
    worst = distances.pairs(
        ["a", "a_2", "b"],
        {"a": "odd", "a_2": "odd"},
        opposite,
        {"learning": opposite @ opposite.T},
        trial_types,
    )
    parted = distances.cluster(worst, ["a", "a_2", "b"], "function_distance_learning")
    assert parted.label[0] == parted.label[1] != parted.label[2], "no distance is more than that of opposites"
    single = table.assign(same_member=False)
    alone = distances.cluster(single, names, "function_distance_learning")
    assert alone.label.tolist() == [1, 2, 3, 4]
    assert np.isnan(alone.threshold)


def test_changes_are_paired_with_the_first_rule():
    soft = np.array([[0.1, 0.5], [0.2, 0.6]])
    counts = np.array([[2.0, 0.0], [0.0, 2.0], [1.0, 1.0]])
    error = np.array([[1.0, 2.0], [np.nan, 3.0]])
    found = scores.summary(soft, error, 10 * soft, soft > 0.15, counts)
    assert found.change.tolist() == pytest.approx([0, 0.1])
    assert (found.change_high - found.change_low).max() < 1e-12, "the same in every network"
    assert found.smoothed_error_rate_high[0] > 0.45
    assert found.failed.tolist() == [0, 1]
    assert found.error.tolist() == [1.5, 3.0]
    assert found.reached.tolist() == [1, 2]


def test_the_findings_say_the_opposite_when_the_numbers_do():
    members, apart, rank = made.members(), made.distances(), made.rank()
    text = words.families(members, apart, rank)
    assert "2 learned rules are 1 function: learned_theta33, learned_random" in text
    assert "effective rank of 3.1 after 1 trial of learning and 4.0 after 100" in text
    other = members.assign(cluster=[1, 2, 3], change_high=-0.001)
    text = words.families(other, apart, rank)
    assert "2 really different functions" in text
    assert "2 of 2 rules lower it" in text
    assert "No two rules may be the same" in words.families(members, apart.assign(same_member=False), rank)
    path, worth = made.pruned()
    cheap = path.assign(change=[0, 0.001, 0.3], change_low=[0, -0.01, 0.2], change_high=[0, 0.01, 0.4])
    assert "not clearly worse has 5 of 9 terms" in words.sparsity({"a": (cheap, worth)})
    dear = cheap.assign(change_low=[0, 0.01, 0.2])
    assert "Every step of the path to fewer terms is clearly worse" in words.sparsity({"a": (dear, worth)})
    needed = worth.assign(change_low=0.001)
    assert "for 9 of 9 terms the cost is clear of zero" in words.sparsity({"a": (cheap, needed)})
    assert words.sparsity({}) == "No rule was pruned."
