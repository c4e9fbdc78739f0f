"""The figure of rules against each other, and the numbers in its caption."""

import numpy as np
import pytest

from analysis.gradients import made_up as made
from made import drawn, expect_labelled
from stages.align.made_tables import files, settings
from threefactor.analysis.gradients import alignment, subspace


def figure_of(root, table, similarity):
    return drawn(
        settings(root),
        "rule_alignments",
        files(alignment=table, similarity=similarity),
    )


@pytest.fixture(scope="module")
def usual(tmp_path_factory):
    return figure_of(tmp_path_factory.mktemp("rules"), made.aligned(), made.similarity())


def test_every_panel_shows_something(usual):
    expect_labelled(usual.figure)
    assert len(usual.figure.axes) == 3


def test_the_closest_pair_is_that_of_the_largest_cosine(usual):
    matrix = alignment.matrix(made.similarity(), made.aligned())
    cosines = matrix[matrix.second != "gradient"].set_index(["first", "second"]).noise_corrected.dropna()
    assert usual.findings["resolved_pairs"] == len(cosines)
    for key, wanted in (("closest", cosines.max()), ("least_aligned", cosines.min())):
        (one,) = usual.findings[key]
        assert one["cosine"] == pytest.approx(wanted)
        assert cosines[tuple(one["rules"])] == pytest.approx(wanted)
        assert f"{wanted:.2f}" in usual.words


def test_the_best_rules_stand_beside_the_learned_and_the_shuffled_one(usual):
    table, similarity = (
        part[part.learning_rule == "theta_33"] for part in (made.aligned(), made.similarity())
    )
    wanted = subspace.best_rules(table, similarity).iloc[0]
    (best,) = usual.findings["best_polynomial"]
    assert usual.findings["at_weights_of"] == "theta_33"
    assert (best["terms"], best["is_odd"]) == (9, True)
    assert best["uncorrected"] == pytest.approx(wanted.uncorrected)
    whole = table[table.trial_type == "all"]
    means = whole.groupby(["compared", "network"]).cosine.mean().groupby("compared").mean()
    (learned,) = usual.findings["best_learned"]
    assert learned["rule"] == means[["learned_theta33", "learned_random"]].idxmax()
    assert learned["uncorrected"] == pytest.approx(means[learned["rule"]])
    assert usual.findings["shuffled"] == pytest.approx(means["shuffled"])
    assert f"{means['shuffled']:.3f}" in usual.words


def test_where_noise_hides_all_no_pair_is_told(tmp_path):
    none = figure_of(tmp_path, made.aligned().assign(signal=-0.1), made.similarity())
    assert none.findings["resolved_pairs"] == 0
    assert none.findings["closest"] == []
    assert none.findings["best_learned"][0]["noise_corrected"] is None
    assert np.isfinite(none.findings["best_learned"][0]["uncorrected"])
    assert none.words
