"""Rules under other settings: each number equals a slow, obvious count, and words say the opposite when numbers do."""

import numpy as np
import pandas as pd
import pytest
import torch

from threefactor.analysis.transfer.ceiling import gap_closed
from threefactor.analysis.transfer.published import Published, published_table
from threefactor.analysis.transfer.readable import readable
from threefactor.analysis.transfer.speed import pairs_table, rules_table, waiting_table
from threefactor.analysis.transfer.words import beside_evolution, finding

NETWORKS, HORIZON, DRAWS = 7, 90, 40
SCALES = {"tuned": 1.0, "old": 1.7}
RATIOS = {"theta_33": 1.0, "mine": 0.7, "node_perturbation": 0.4}


def networks(ratios=RATIOS):
    """Make networks whose trials to criterion are shared by the rules but for a factor."""
    rng, parts = np.random.default_rng(3), []
    for condition, scale in SCALES.items():
        for rule, ratio in ratios.items():
            trials = np.minimum(scale * ratio * rng.uniform(30, 80, NETWORKS), HORIZON).round()
            columns = {"condition": condition, "learning_rule": rule, "network": np.arange(NETWORKS)}
            reached = {"trials_to_criterion": trials, "reached": trials < HORIZON, "trials": trials}
            last = {"error_last": 0.5, "accuracy_last": 0.9, "diverged": False, "horizon": HORIZON}
            parts.append(pd.DataFrame(columns | reached | last))
    table = pd.concat(parts, ignore_index=True)
    return table.sample(frac=1, random_state=1).sort_values(["condition", "learning_rule"], kind="stable")


def samples():
    """Return samples of networks, and how often each network is in each."""
    chosen = np.random.default_rng(4).integers(0, NETWORKS, (DRAWS, NETWORKS))
    return chosen, np.array([np.bincount(row, minlength=NETWORKS) for row in chosen], float)


def trials(table, condition, rule):
    own = table[(table.condition == condition) & (table.learning_rule == rule)]
    return own.set_index("network").trials_to_criterion.sort_index().to_numpy()


def row(table, condition, rule):
    return table[(table.condition == condition) & (table.learning_rule == rule)].iloc[0]


def test_ratios_and_shares_equal_a_loop_over_samples():
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


def test_derivatives_are_named_beside_the_evolved_rule_of_their_kind_alone():
    pairs = pairs_table(networks(), samples()[1])
    words = beside_evolution(pairs, {"theta_33": ["mine"], "elsewhere": ["mine"]})
    assert words.count("Of the trials that") == len(SCALES)
    assert "``theta_33``, found by evolution" in words
    assert "node_perturbation" not in words
    ratio = trials(networks(), "old", "mine").mean() / trials(networks(), "old", "theta_33").mean()
    assert f"``mine`` {ratio:.2f} [" in words
    assert beside_evolution(pairs, {}) == beside_evolution(pairs, {"theta_33": []}) == ""


def test_nothing_is_closed_where_the_ceiling_is_no_ceiling():
    _, counts = samples()
    values = np.arange(10.0, 10 + NETWORKS)
    assert np.isnan(gap_closed(values, values, values + 1, counts)).all()
    rules = rules_table(networks({"theta_33": 1.0, "mine": 0.5}), counts, "", "")
    assert rules.gap_closed.isna().all()


def test_waiting_starts_with_all_networks():
    curves = waiting_table(networks())
    first = curves.groupby(["condition", "learning_rule"]).first()
    assert len(first) == len(SCALES) * len(RATIOS)
    assert (first.waiting == 1).all()


def test_published_medians_are_sampled_from_ours():
    table, (_, counts) = networks(), samples()
    rules = rules_table(table, counts, "", "")
    is_own = (table.condition == "tuned") & (table.learning_rule == "theta_33")
    own = table.trials_to_criterion[is_own].to_numpy()

    def beside(median):
        papers = {"tuned": Published(median, (1.0, 2.0), 5), "absent": Published(1.0, (1.0, 1.0), 5)}
        return published_table(table, rules, papers, 200, generator=torch.Generator().manual_seed(1))

    low, middle, high = (beside(median) for median in (own.min() - 1, np.median(own), own.max()))
    assert list(low.condition) == ["tuned"]
    assert low.share_below.item() == 0
    assert high.share_below.item() == 1
    chosen = torch.randint(NETWORKS, (200, 5), generator=torch.Generator().manual_seed(1))
    drawn = [np.median([own[n] for n in sample]) for sample in chosen.tolist()]
    assert middle.share_below.item() == np.mean([median <= np.median(own) for median in drawn])
    assert [middle.median_of_runs_low.item(), middle.median_of_runs_high.item()] == pytest.approx(
        np.quantile(drawn, [0.025, 0.975])
    )


def test_words_say_the_opposite_when_numbers_do():
    _, counts = samples()

    def words(ratios):
        table = networks(ratios)
        rules = rules_table(table, counts, "tuned", "old")
        papers = {"old": Published(70.0, (60.0, 80.0), 5)}
        source = torch.Generator().manual_seed(1)
        return finding(rules, published_table(table, rules, papers, 20, generator=source), "tuned", "old")

    faster, slower = words(RATIOS), words({"theta_33": 1.0, "mine": 1.9, "node_perturbation": 0.4})
    assert "``mine`` is faster in 2, slower in 0, not told apart in 0" in faster
    assert "``mine`` is faster in 0, slower in 1" in slower or "faster in 0, slower in 2" in slower
    assert "The paper reports 0.59" in faster
    assert "published is 70 (60 to 80, 5 networks)" in faster


def test_the_readable_table_has_a_dash_for_what_is_unknown():
    _, counts = samples()
    table = readable(rules_table(networks(), counts, "", ""))
    assert set(table["ratio to untuned theta_33"]) == {"–"}
    assert table["way to the ceiling"].str.contains("%").all()
    assert len(table) == len(SCALES) * len(RATIOS)
