"""What networks do beyond training, summed up over made-up networks of each rule."""

import numpy as np
import pandas as pd
import pytest

from threefactor import seeding
from threefactor.analysis.learning.generalisation import (
    ERRORS,
    GENERALISATION,
    QUARTILES,
    generalisation_table,
)
from threefactor.analysis.solutions.bootstrap import resample_counts
from threefactor.stages.generalise.tables import TABLES

NETWORKS = 6
LOST = 2
"""The network that never crossed the level, of each rule."""


def counts(draws=200):
    return resample_counts(NETWORKS, draws, generator=seeding.generator(3, "counts"))


def networks(rule="rflo", *, level=0.5, saved=0.5, lost=(LOST,)):
    """Return networks of a rule at a level that need a share of the trials of naive ones."""
    source = np.random.default_rng(len(rule))
    naive = 40.0 * (1 + np.arange(NETWORKS))
    table = pd.DataFrame({"network": range(NETWORKS)})
    table = table.assign(**{name: source.uniform(size=NETWORKS) for name in ERRORS})
    table = table.assign(next_crossed=1.0, next_trials=saved * naive, naive_crossed=1.0, naive_trials=naive)
    table.loc[list(lost), table.columns.drop("network")] = np.nan
    return table.assign(level=level)[TABLES["networks"].names()].assign(learning_rule=rule)


def test_a_row_per_rule_and_level_has_the_quartiles_of_the_networks_there():
    both = pd.concat([networks("rflo"), networks("bptt", saved=2.0)])
    table = generalisation_table(both, counts())
    assert list(table) == GENERALISATION.names()
    assert table.learning_rule.tolist() == ["rflo", "bptt"]
    assert table.networks.tolist() == [NETWORKS - 1] * 2
    assert table.level.tolist() == [0.5] * 2
    for place, rule in enumerate(("rflo", "bptt")):
        known = both[(both.learning_rule == rule) & (both.network != LOST)]
        for name in ERRORS:
            for end, q, _ in QUARTILES:
                expected = np.quantile(known[name].to_numpy(), q)
                assert table[f"{name}{end}"][place] == pytest.approx(expected, rel=1e-12)


def test_levels_are_summed_up_apart():
    upper, lower = networks(level=0.7), networks(level=0.2, lost=(0, 1))
    both = generalisation_table(pd.concat([upper, lower]).sort_values("network"), counts())
    apart = [generalisation_table(one, counts()) for one in (upper, lower)]
    pd.testing.assert_frame_equal(both, pd.concat(apart, ignore_index=True))
    assert both.networks.tolist() == [NETWORKS - 1, NETWORKS - 2]


def test_degeneracy_is_the_deviation_of_errors_out_of_distribution_over_networks():
    one = networks()
    (row,) = generalisation_table(one, counts()).to_dict("records")
    known = one[one.network != LOST]
    assert row["degeneracy"] == pytest.approx(np.std(known.error_out_of_distribution, ddof=1), rel=1e-12)
    drawn = [
        np.repeat(known.error_out_of_distribution, draw.astype(int)) for draw in counts()[:, known.network]
    ]
    expected = np.quantile([np.std(one, ddof=1) for one in drawn if one.nunique() > 1], [0.025, 0.975])
    assert [row["degeneracy_low"], row["degeneracy_high"]] == pytest.approx(expected, rel=1e-12)
    assert row["degeneracy_low"] < row["degeneracy"] < row["degeneracy_high"]


@pytest.mark.parametrize(("left", "known"), [(2, True), (1, False), (0, False)])
def test_few_networks_have_no_interval_of_degeneracy_and_one_has_none_at_all(left, known):
    (row,) = generalisation_table(networks(lost=range(left, NETWORKS)), counts()).to_dict("records")
    assert np.isfinite(row["degeneracy"]) == known
    assert np.isnan([row["degeneracy_low"], row["degeneracy_high"]]).all()


def test_savings_pair_each_network_with_itself_before_learning():
    table = generalisation_table(pd.concat([networks(saved=0.5), networks("bptt", saved=2.0)]), counts())
    assert table[["savings", "savings_low", "savings_high"]].to_numpy().tolist() == [[0.5] * 3, [2.0] * 3]
    assert table.next_reached.tolist() == table.naive_reached.tolist() == [NETWORKS - 1] * 2


def test_savings_are_a_ratio_of_means_with_their_bootstrap_interval():
    one = networks(lost=()).assign(next_trials=np.array([10.0, 20, 30, 100, 100, 5]))
    one.loc[3, "next_crossed"] = 0.0
    drawn = counts()
    (row,) = generalisation_table(one, drawn).to_dict("records")
    assert row["savings"] == pytest.approx(one.next_trials.mean() / one.naive_trials.mean())
    ratios = [(draw * one.next_trials).sum() / (draw * one.naive_trials).sum() for draw in drawn]
    expected = np.quantile(ratios, [0.025, 0.975])
    assert [row["savings_low"], row["savings_high"]] == pytest.approx(expected, rel=1e-12)
    assert (row["next_reached"], row["naive_reached"]) == (NETWORKS - 1, NETWORKS)


def test_networks_are_numbered_by_their_initial_weights_and_not_by_their_place():
    apart = networks(lost=(0, 1, 2)).assign(next_trials=np.array([0, 0, 0, 10.0, 20, 90]))
    only_last = np.zeros((3, NETWORKS))
    only_last[:, 5] = 1
    (row,) = generalisation_table(apart, only_last).to_dict("records")
    assert row["savings_low"] == row["savings_high"] == 90 / 240


def test_a_rule_without_a_network_at_the_level_or_a_next_task_has_empty_columns():
    nowhere = networks("rflo", lost=range(NETWORKS))
    no_task = networks("bptt")
    no_task[[name for name in no_task if name.startswith(("next", "naive"))] + ["error_retained"]] = np.nan
    table = generalisation_table(pd.concat([nowhere, no_task]), counts()).set_index("learning_rule")
    assert list(table.networks) == [0, NETWORKS - 1]
    assert table.loc["rflo"].drop(["networks", "level"]).isna().all()
    of_task = ["savings", "savings_low", "savings_high", "next_reached", "naive_reached", "error_retained"]
    assert table.loc["bptt", of_task].isna().all()
    assert table.loc["bptt", ["error", "error_unseen_noise_high"]].notna().all()


def test_there_are_no_savings_where_no_network_gets_there_with_or_without_learning_before():
    nobody = networks().assign(next_crossed=0.0, naive_crossed=0.0, next_trials=240.0, naive_trials=240.0)
    (row,) = generalisation_table(nobody, counts()).to_dict("records")
    assert np.isnan([row["savings"], row["savings_low"], row["savings_high"]]).all()
    assert (row["next_reached"], row["naive_reached"]) == (0, 0)
