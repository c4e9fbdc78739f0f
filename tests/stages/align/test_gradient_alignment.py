"""The figure of the alignment with the gradient, and the numbers in its caption."""

import numpy as np
import pytest

from analysis.gradients import made_up as made
from made import drawn, expect_labelled, texts
from stages.align.made_tables import files, settings
from threefactor.analysis.gradients import alignment


def figure_of(root, table):
    tables = {**files(alignment=table), "compare_learning/criterion.csv": made.criterion()}
    return drawn(settings(root), "gradient_alignment", tables)


@pytest.fixture(scope="module")
def usual(tmp_path_factory):
    return figure_of(tmp_path_factory.mktemp("alignment"), made.aligned())


def test_every_panel_shows_something(usual):
    expect_labelled(usual.figure)
    assert len(usual.figure.axes) == 5


def test_cosines_are_means_over_networks(usual):
    table = made.aligned()
    own = table[(table.compared == table.learning_rule) & (table.trial_type == "all")]
    means = own.dropna(subset="cosine").groupby(["learning_rule", "network"]).cosine.mean()
    means = means.groupby("learning_rule").mean()
    assert usual.findings["uncorrected"] == pytest.approx(means.to_dict())
    assert f"``rflo`` {means['rflo']:.2f}" in usual.words
    rules = alignment.per_rule(table).set_index("learning_rule")
    one = usual.findings["noise_corrected"]["rflo"]
    assert one["cosine"] == pytest.approx(rules.noise_corrected["rflo"])
    assert one["interval"] == pytest.approx([rules.low["rflo"], rules.high["rflo"]])
    assert f"[{rules.low['rflo']:.2f}, {rules.high['rflo']:.2f}]" in usual.words
    assert usual.findings["hidden_by_noise"] == ["start_learned_random"]


def test_the_correlation_is_told_with_and_without_rules_that_see_the_gradient(usual):
    assert usual.findings["rules_with_access_to_gradient"] == ["bptt"]
    means, speed = usual.findings["uncorrected"], made.criterion().set_index("learning_rule").restricted_mean
    for key, left_out in (("all_rules", ()), ("without_access_to_gradient", ("bptt",))):
        kept = [rule for rule in means if rule not in left_out]
        r = np.corrcoef([means[rule] for rule in kept], np.log(speed[kept]))[0, 1]
        fit = usual.findings["correlation_with_log_trials"]["uncorrected"][key]
        assert fit["rules"] == len(kept)
        assert fit["r"] == pytest.approx(r)
        assert f"{r:.2f}" in usual.words


def test_types_and_gated_gradients_have_numbers_of_their_own(usual):
    within = usual.findings["noise_corrected_within_trial_types"]
    gated = usual.findings["noise_corrected_with_gated_gradients"]
    types = alignment.by_type(made.aligned()).set_index(["learning_rule", "trial_type"]).noise_corrected
    assert within["eprop"] == pytest.approx(types["eprop"][["aa", "ab", "ba", "bb"]].mean())
    assert gated["eprop"]["cosine"] == pytest.approx(types["eprop", "weighted"])


def test_without_a_finite_cosine_it_is_drawn_empty(tmp_path):
    none = figure_of(tmp_path, made.aligned().assign(cosine=np.nan))
    assert none.findings["uncorrected"] == {}
    assert none.words
    empty = figure_of(tmp_path, made.aligned().iloc[:0])
    assert len(texts(empty.figure)) == 5
