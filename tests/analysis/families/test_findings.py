"""What the captions of compared and of pruned rules state, from tables of known numbers."""

import numpy as np
import pandas as pd
import pytest

from threefactor.analysis.families import findings

NAMES = ("theta_33", "a", "a_2", "b")


def rules(**columns):
    """Return rules.csv: two rules of one class in one cluster, another rule, and theta_33."""
    table = pd.DataFrame({"learning_rule": NAMES, "rule_class": ["", "odd", "odd", "all"]})
    table = table.assign(cluster=[3, 1, 1, 2], threshold=0.2, networks=8, failed=[0, 0, 1, 0])
    table["change"] = [0.0, -0.03, -0.01, 0.02]
    table["change_low"], table["change_high"] = table.change - 0.02, table.change + 0.02
    return table.assign(**columns)


def distances():
    """Return distances.csv."""
    pairs = [(NAMES[i], NAMES[j]) for i in range(4) for j in range(i + 1, 4)]
    table = pd.DataFrame(pairs, columns=["first", "second"])
    table["same_class"] = [pair == ("a", "a_2") for pair in pairs]
    return table.assign(theta_distance=0.3, function_distance_learning=[0.5, 0.6, 0.9, 0.2, 0.7, 0.8])


def rank():
    """Return rank.csv; after no trial the tangents are zero."""
    rows = [("a", b, t, 9, 1.5 + b, (3 + b) * t) for b in range(2) for t in (1, 10)] + [
        ("a", 0, 0, 9, *[np.nan] * 2)
    ]
    names = ["learning_rule", "network", "trial", "terms", "participation_ratio", "effective_rank"]
    return pd.DataFrame(rows, columns=names)


def test_rules_of_one_class_say_how_far_apart_one_function_is():
    found = findings.families(rules(), distances(), rank())
    expected = {"pairs": 1, "theta_distance": 0.3, "function_distance": 0.2, "largest_function_distance": 0.2}
    assert found["same_class"] == expected
    assert found["clusters"] == {"rules": 3, "threshold": 0.2, "groups": [["a", "a_2"], ["b"]]}
    assert found["between_classes"] == pytest.approx(0.75), "of learned rules alone"


def test_without_two_rules_of_one_class_nothing_is_said_of_clusters():
    found = findings.families(rules(threshold=np.nan), distances().assign(same_class=False), rank())
    assert found["same_class"] is found["clusters"] is None


def test_the_best_rule_is_the_one_with_the_lowest_change():
    best = findings.families(rules(), distances(), rank())["best"]
    assert best["learning_rule"] == "a"
    assert best["change"] == pytest.approx([-0.03, -0.05, -0.01])
    assert (best["better_than_reference"], best["rules"], best["failed"], best["networks"]) == (1, 3, 1, 8)
    other = findings.families(rules(change=[0, 0.1, 0.2, -0.4]), distances(), rank())["best"]
    assert other["learning_rule"] == "b"
    alone = findings.families(rules().iloc[:1], distances().iloc[:0], rank().iloc[:0])
    assert alone["best"] is alone["rank"] is alone["clusters"] is None


def test_the_rank_is_a_mean_over_networks_where_tangents_are_not_zero():
    found = findings.families(rules(), distances(), rank())["rank"]
    assert found == {
        "terms": 9,
        "trials": [1, 10],
        "effective_rank": [3.5, 35.0],
        "participation_ratio": [2.0, 2.0],
    }


def pruned():
    """Return path.csv and contributions.csv."""
    path = pd.DataFrame({"weight": [0.0, 0.01, 0.1], "terms": [9, 5, 2], "change": [0, 0.001, 0.3]})
    path["change_low"], path["change_high"] = [0, -0.01, 0.2], [0, 0.01, 0.4]
    terms = pd.DataFrame({"without": ["nothing", "11", "13"], "change": [0.0, 0.02, 0.05]})
    terms["change_low"], terms["change_high"] = [0.0, -0.01, 0.01], [0.0, 0.05, 0.09]
    return path, terms


def test_the_sparsest_rule_is_not_clearly_worse_than_the_dense_one():
    path, terms = pruned()
    found = findings.sparsity(path, terms)
    assert (found["terms"], found["needed"], found["steps"]) == (2, 1, 2)
    assert found["costliest"] == {"term": "13", "change": [0.05, 0.01, 0.09]}
    assert found["sparsest"] == {"terms": 5, "of": 9, "change": [0.001, -0.01, 0.01]}
    assert findings.sparsity(path.assign(change_low=[0, 0.01, 0.2]), terms)["sparsest"] is None
    short = findings.sparsity(path.iloc[:1], terms.assign(change_low=0.001))
    assert (short["steps"], short["sparsest"], short["needed"]) == (0, None, 2)
