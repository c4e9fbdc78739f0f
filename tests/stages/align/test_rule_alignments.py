"""The figure of rules against each other, and the numbers in its caption."""

import numpy as np
import pytest

from analysis.gradients import made_up as made
from stages.align.made_tables import SETTINGS, files
from stages.drawing import Drawn, expect_legible
from threefactor.analysis.gradients import alignment, subspace


def drawn(root, table, similarity):
    return Drawn("rule_alignments", root, files(alignment=table, similarity=similarity), SETTINGS)


@pytest.fixture(scope="module")
def usual(tmp_path_factory):
    return drawn(tmp_path_factory.mktemp("rules"), made.aligned(), made.similarity())


def test_every_panel_shows_something(usual):
    expect_legible(usual.figure, 2)


def test_the_closest_pair_is_that_of_the_largest_cosine(usual):
    matrix = alignment.matrix(made.similarity(), made.aligned())
    cosines = matrix[matrix.second != "gradient"].set_index(["first", "second"]).noise_corrected.dropna()
    assert usual.found["resolved_pairs"] == len(cosines)
    for key, wanted in (("closest", cosines.max()), ("least_aligned", cosines.min())):
        (one,) = usual.found[key]
        assert one["cosine"] == pytest.approx(wanted)
        assert cosines[tuple(one["rules"])] == pytest.approx(wanted)
        assert f"{wanted:.2f}" in usual.told


def test_the_best_rules_stand_beside_the_learned_and_the_shuffled_one(usual):
    table, similarity = (
        part[part.learning_rule == "theta_33"] for part in (made.aligned(), made.similarity())
    )
    wanted = subspace.best_rules(table, similarity).iloc[0]
    (best,) = usual.found["best_polynomial"]
    assert usual.found["at_weights_of"] == "theta_33"
    assert (best["terms"], best["is_odd"]) == (9, True)
    assert best["uncorrected"] == pytest.approx(wanted.uncorrected)
    whole = table[table.trial_type == "all"]
    means = whole.groupby(["compared", "network"]).cosine.mean().groupby("compared").mean()
    (learned,) = usual.found["best_learned"]
    assert learned["rule"] == means[["learned_theta33", "learned_random"]].idxmax()
    assert learned["uncorrected"] == pytest.approx(means[learned["rule"]])
    assert usual.found["shuffled"] == pytest.approx(means["shuffled"])
    assert f"{means['shuffled']:.3f}" in usual.told


def test_where_noise_hides_all_no_pair_is_told(tmp_path):
    none = drawn(tmp_path, made.aligned().assign(signal=-0.1), made.similarity())
    assert none.found["resolved_pairs"] == 0
    assert none.found["closest"] == []
    assert none.found["best_learned"][0]["noise_corrected"] is None
    assert np.isfinite(none.found["best_learned"][0]["uncorrected"])
    assert none.told
