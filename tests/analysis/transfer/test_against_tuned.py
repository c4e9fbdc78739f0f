"""Rules that are the same everywhere beside theta_33 that was tuned for each condition, counted another way."""

import numpy as np
import pytest

from analysis.transfer.trained import HORIZON, RATIOS, SCALES, networks, row, samples, trials
from threefactor.analysis.transfer.against_tuned import against_tuned
from threefactor.analysis.transfer.condition_columns import RULES, TO_TUNED
from threefactor.analysis.transfer.condition_tables import pairs_table, rules_table
from threefactor.analysis.transfer.readable_table import readable

TUNED = {**RATIOS, "tuned_theta_33": 0.9}


def compared(table, target=0.8):
    return against_tuned(rules_table(table, samples()[1], "", ""), ["mine"], target)


def test_ratios_are_to_the_tuned_rule_of_the_same_condition_as_in_the_table_of_pairs():
    table, (chosen, counts) = networks(TUNED), samples()
    rules, pairs = rules_table(table, counts, "", ""), pairs_table(table, counts)
    assert list(rules) == [*RULES.names(), *TO_TUNED]
    for condition in SCALES:
        mine, best = (trials(table, condition, rule) for rule in ("mine", "tuned_theta_33"))
        found = row(rules, condition, "mine")[TO_TUNED].tolist()
        drawn = [mine[s].mean() / best[s].mean() for s in chosen]
        assert found == pytest.approx([mine.mean() / best.mean(), *np.quantile(drawn, [0.025, 0.975])])
        own = row(pairs[pairs.beside == "tuned_theta_33"], condition, "mine")
        assert found == [own.ratio, own.ratio_low, own.ratio_high]
        assert row(rules, condition, "tuned_theta_33").ratio_to_tuned == 1
    assert "ratio to tuned theta_33" in readable(rules)


def test_without_a_tuned_rule_tables_are_as_before_and_there_is_nothing_to_say():
    rules = rules_table(networks(), samples()[1], "", "")
    assert list(rules) == RULES.names()
    assert "ratio to tuned theta_33" not in readable(rules)
    assert against_tuned(rules, ["mine"], 0.8) is None


def test_conditions_without_a_tuned_rule_are_left_out():
    table = networks(TUNED)
    table = table[(table.condition == "tuned") | (table.learning_rule != "tuned_theta_33")]
    rules = rules_table(table, samples()[1], "", "")
    assert rules.ratio_to_tuned.notna().tolist() == (rules.condition == "tuned").tolist()
    found = compared(table)
    assert found["conditions"] == found["rules"]["mine"]["conditions"] == 1


@pytest.mark.parametrize("target", [0.5, 0.8, 1.2])
def test_conditions_are_counted_within_the_target_and_by_the_interval(target):
    table = networks(TUNED)
    ratios = [
        trials(table, name, "mine").mean() / trials(table, name, "tuned_theta_33").mean() for name in SCALES
    ]
    found = compared(table, target)
    assert found["target"] == target
    assert found["rules"]["mine"]["within"] == sum(ratio <= target for ratio in ratios)
    rules = rules_table(table, samples()[1], "", "")
    assert found["rules"]["mine"]["faster"] == sum(
        row(rules, name, "mine").to_tuned_high < 1 for name in SCALES
    )
    assert found["rules"]["mine"]["faster"] > 0
    slower = compared(networks({**TUNED, "mine": 1.3}))["rules"]["mine"]
    assert (slower["within"], slower["faster"]) == (0, 0)
    assert slower["slower"] + slower["unresolved"] == 2


def lost(table, condition, rule, reached):
    """Let all networks of a rule but the first few fail under a condition."""
    failed = (table.condition == condition) & (table.learning_rule == rule) & (table.network >= reached)
    return table.assign(
        reached=table.reached & ~failed,
        trials_to_criterion=table.trials_to_criterion.where(~failed, HORIZON),
    )


def test_conditions_in_which_rules_fail_are_named():
    table = lost(networks(TUNED), "old", "mine", 0)
    found = compared(lost(table, "tuned", "mine", 3))
    assert (found["rules"]["mine"]["none"], found["rules"]["mine"]["few"]) == (["old"], ["tuned"])
    assert found["tuned_lost"] == []
    assert compared(lost(table, "old", "tuned_theta_33", 3))["tuned_lost"] == ["old"]
    found = compared(lost(networks(TUNED), "tuned", "mine", 4))
    assert (found["rules"]["mine"]["none"], found["rules"]["mine"]["few"]) == ([], [])


def test_a_condition_in_which_no_network_of_either_rule_arrives_counts_as_not_resolved():
    table = networks(TUNED)
    for rule in TUNED:
        table = lost(table, "old", rule, 0)
    found = compared(table)["rules"]["mine"]
    assert (found["conditions"], found["unresolved"], found["within"]) == (2, 1, 1)
