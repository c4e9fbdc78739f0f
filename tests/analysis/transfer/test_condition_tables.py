"""Numbers of the comparison under all conditions equal slow, obvious counts."""

import numpy as np
import pytest

from analysis.transfer.trained import HORIZON, NETWORKS, RATIOS, SCALES, networks, row, samples, trials
from threefactor.analysis.transfer.condition_columns import PAIRS, RULES, WAITING
from threefactor.analysis.transfer.condition_tables import pairs_table, rules_table, waiting_table


def test_ratios_and_gaps_equal_a_loop_over_samples():
    table, (chosen, counts) = networks(), samples()
    rules = rules_table(table, counts, "tuned", "old")
    for condition in SCALES:
        plain, mine, best = (trials(table, condition, rule) for rule in RATIOS)
        ratio = [mine[s].mean() / plain[s].mean() for s in chosen]
        share = [
            (1 - mine[s].mean() / plain[s].mean()) / (1 - best[s].mean() / plain[s].mean()) for s in chosen
        ]
        found = row(rules, condition, "mine")
        assert found.ratio_to_theta_33 == pytest.approx(mine.mean() / plain.mean())
        assert [found.ratio_low, found.ratio_high] == pytest.approx(np.quantile(ratio, [0.025, 0.975]))
        expected = (plain.mean() - mine.mean()) / (plain.mean() - best.mean())
        assert found.gap_closed == pytest.approx(expected)
        assert [found.gap_closed_low, found.gap_closed_high] == pytest.approx(
            np.quantile(share, [0.025, 0.975])
        )
        assert row(rules, condition, "node_perturbation").gap_closed == pytest.approx(1)
        assert row(rules, condition, "theta_33").gap_closed == pytest.approx(0)
        assert found.trials == mine.sum()


def test_only_the_tuned_condition_is_compared_with_the_untuned():
    table, (chosen, counts) = networks(), samples()
    rules = rules_table(table, counts, "tuned", "old")
    mine, old = trials(table, "tuned", "mine"), trials(table, "old", "theta_33")
    found = row(rules, "tuned", "mine")
    assert found.ratio_to_untuned == pytest.approx(mine.mean() / old.mean())
    drawn = [mine[s].mean() / old[s].mean() for s in chosen]
    assert [found.untuned_low, found.untuned_high] == pytest.approx(np.quantile(drawn, [0.025, 0.975]))
    assert rules[rules.condition == "old"].ratio_to_untuned.isna().all()
    assert rules_table(table, counts, "", "").ratio_to_untuned.isna().all()


def test_pairs_equal_a_loop_over_samples_in_both_orders():
    table, (chosen, counts) = networks(), samples()
    table = table[~((table.learning_rule == "mine") & (table.network == 2))]
    pairs = pairs_table(table, counts)
    assert len(pairs) == len(SCALES) * len(RATIOS) * (len(RATIOS) - 1)
    plain, best = (trials(table, "old", rule) for rule in ("theta_33", "node_perturbation"))
    found = pairs.set_index(["condition", "learning_rule", "beside"]).sort_index()
    own = found.loc[("old", "theta_33", "node_perturbation")]
    drawn = [plain[s].mean() / best[s].mean() for s in chosen]
    assert own.ratio == pytest.approx(plain.mean() / best.mean())
    assert [own.ratio_low, own.ratio_high] == pytest.approx(np.quantile(drawn, [0.025, 0.975]))
    back = found.loc[("old", "node_perturbation", "theta_33")]
    assert [back.ratio, back.ratio_low] == pytest.approx([1 / own.ratio, 1 / own.ratio_high], rel=0.05)
    shared = np.delete(plain, 2).mean() / trials(table, "old", "mine").mean()
    assert found.loc[("old", "theta_33", "mine")].ratio == pytest.approx(shared)
    assert found.loc[("old", "theta_33", "mine")].networks == NETWORKS - 1


def test_waiting_starts_with_all_networks():
    curves = waiting_table(networks())
    first = curves.groupby(["condition", "learning_rule"]).first()
    assert len(first) == len(SCALES) * len(RATIOS)
    assert (first.waiting == 1).all()


def test_tables_have_the_declared_columns():
    table, (_, counts) = networks(), samples()
    assert list(rules_table(table, counts, "", "").columns) == RULES.names()
    assert list(pairs_table(table, counts).columns) == PAIRS.names()
    assert list(waiting_table(table).columns) == WAITING.names()


def test_a_condition_in_which_no_network_arrives_has_no_ratios():
    table, (_, counts) = networks(), samples()
    lost = table.condition == "old"
    table = table.assign(
        reached=table.reached & ~lost, trials_to_criterion=table.trials_to_criterion.where(~lost, HORIZON)
    )
    rules = rules_table(table, counts, "old", "old").set_index("condition")
    intervals = ["ratio_low", "ratio_high", "restricted_mean_low", "restricted_mean_high", "untuned_low"]
    assert rules.loc["old", [*intervals, "ratio_to_theta_33", "gap_closed"]].isna().all(axis=None)
    assert rules.loc["tuned", ["ratio_low", "restricted_mean_low"]].notna().all(axis=None)
    pairs = pairs_table(table, counts).set_index("condition")
    assert pairs.loc["old", ["ratio", "ratio_low", "ratio_high"]].isna().all(axis=None)
    assert (pairs.networks == NETWORKS).all()
