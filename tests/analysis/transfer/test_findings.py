"""What the caption of the rules under all conditions states, counted another way."""

import numpy as np
import pytest
import torch

from analysis.transfer.trained import HORIZON, NETWORKS, RATIOS, SCALES, networks, row, samples, trials
from threefactor.analysis.transfer.condition_tables import pairs_table, rules_table
from threefactor.analysis.transfer.findings import compared_with_evolution, findings
from threefactor.analysis.transfer.published import Published, published_table

FOUND = ["mine", "other"]
"""Rules that have access to the reward alone."""


def tables(ratios=RATIOS):
    """Return the tables of rules, and of what is published."""
    table, (_, counts) = networks(ratios), samples()
    rules = rules_table(table, counts, "tuned", "old")
    papers = dict.fromkeys(SCALES, Published(70.0, (60.0, 80.0), 5))
    source = torch.Generator().manual_seed(1)
    return rules, published_table(table, rules, papers, 20, generator=source)


def test_conditions_are_counted_in_which_a_rule_is_faster():
    faster = findings(*tables(), FOUND, "tuned", "old")
    slower = findings(*tables({**RATIOS, "mine": 1.9}), FOUND, "tuned", "old")
    assert faster["speed"] == {"mine": {"faster": 2, "slower": 0, "unresolved": 0}}
    assert slower["speed"]["mine"]["slower"] > 0
    assert slower["speed"]["mine"]["faster"] == 0
    assert faster["conditions"] == len(SCALES)
    assert findings(*tables(), [], "tuned", "old")["speed"] == {}


def test_the_largest_gap_is_that_of_the_best_rule_of_each_condition():
    ratios = {**RATIOS, "other": 0.9}
    rules, published = tables(ratios)
    found = findings(rules, published, FOUND, "", "")
    assert found["is_selected"]
    assert not findings(rules, published, ["mine"], "", "")["is_selected"]
    for condition in SCALES:
        best = max(FOUND, key=lambda rule: row(rules, condition, rule).gap_closed)
        expected = row(rules, condition, best)
        assert found["gap_closed"][condition] == {
            "learning_rule": best,
            "gap_closed": [expected.gap_closed, expected.gap_closed_low, expected.gap_closed_high],
        }


def test_the_fastest_rule_is_compared_with_old_constants():
    found = findings(*tables(), FOUND, "tuned", "old")["constants"]
    table = networks()
    old = trials(table, "old", "theta_33").mean()
    assert found["theta_33"][0] == pytest.approx(trials(table, "tuned", "theta_33").mean() / old)
    assert found["best"]["learning_rule"] == "mine"
    assert found["best"]["to_untuned"][0] == pytest.approx(trials(table, "tuned", "mine").mean() / old)
    assert findings(*tables(), [], "tuned", "old")["constants"]["best"] is None
    assert findings(*tables(), FOUND, "", "")["constants"] is None


def test_a_median_beyond_the_horizon_is_unknown():
    near, far = findings(*tables(), FOUND, "", "")["published"]
    assert (near["condition"], far["condition"]) == ("tuned", "old")
    assert near["median"] == pytest.approx(np.median(trials(networks(), "tuned", "theta_33")))
    assert np.median(trials(networks(), "old", "theta_33")) == HORIZON
    assert far["median"] is None
    assert near["published_quartiles"] == [60.0, 80.0]
    assert (near["networks"], near["published_runs"]) == (NETWORKS, 5)


def test_everything_that_was_simulated_is_counted():
    found = findings(*tables(), FOUND, "", "")
    assert found["networks"] == NETWORKS * len(SCALES) * len(RATIOS)
    assert found["trials"] == networks().trials.sum()
    assert found["diverged"] == 0


def test_rules_are_compared_with_the_evolved_rule_of_their_class_alone():
    pairs = pairs_table(networks(), samples()[1])
    found = compared_with_evolution(pairs, {"theta_33": ["mine"], "elsewhere": ["mine"]})
    assert [(one["condition"], one["evolved"]) for one in found] == [
        ("old", "theta_33"),
        ("tuned", "theta_33"),
    ]
    assert all(list(one["ratios"]) == ["mine"] for one in found)
    ratio = trials(networks(), "old", "mine").mean() / trials(networks(), "old", "theta_33").mean()
    assert np.isclose(found[0]["ratios"]["mine"][0], ratio)
    assert compared_with_evolution(pairs, {}) == compared_with_evolution(pairs, {"theta_33": []}) == []
