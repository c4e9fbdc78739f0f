"""The figure of steps along updates, and the numbers in its caption."""

import numpy as np
import pytest

from analysis.gradients import made_up as made
from made import drawn, expect_labelled
from stages.align.made_tables import files, settings


def figure_of(root, steps):
    return drawn(
        settings(root),
        "descent",
        files(alignment=made.aligned(), descent=steps),
    )


@pytest.fixture(scope="module")
def usual(tmp_path_factory):
    return figure_of(tmp_path_factory.mktemp("descent"), made.descent())


def test_every_panel_shows_something(usual):
    expect_labelled(usual.figure)
    assert len(usual.figure.axes) == 3


def test_the_shortest_step_helps_so_often(usual):
    steps = made.descent()
    shortest = steps[(steps.step == 1e-3) & (steps.direction == steps.learning_rule)]
    wanted = shortest.groupby("learning_rule").change.apply(lambda change: (change > 0).mean())
    assert usual.findings["shortest_step"] == 1e-3
    assert usual.findings["share_helped_by_shortest_step"] == pytest.approx(wanted.to_dict())
    assert "0.001" in usual.words


def test_the_reach_lies_where_half_of_the_prediction_is_left(usual):
    """Made-up changes are above half of what is predicted at 0.01, and below at 0.1; later rules fall faster."""
    least, most = (usual.findings["reach"][end] for end in ("least", "most"))
    assert (least["rule"], most["rule"]) == (made.RULES[-1], made.RULES[0])
    assert 1e-2 < least["value"] <= most["value"] < 1e-1
    assert not usual.findings["reach_is_at_least_the_longest_step"]
    trial = usual.findings["reach_in_updates_of_a_trial"]
    assert trial["most"]["rule"] == most["rule"], "all updates of a trial are of one length"
    assert trial["most"]["value"] == pytest.approx(most["value"] / 1e-4)
    for one in (least, most):
        assert f"{one['value']:.2g}" in usual.words
    assert 1e-2 < usual.findings["reach_along_gradient"] < 1e-1


def test_a_prediction_that_always_holds_reaches_the_longest_step(tmp_path):
    always = figure_of(tmp_path, made.descent().assign(change=lambda t: t.predicted))
    assert always.findings["reach_is_at_least_the_longest_step"]
    assert always.findings["reach"]["most"]["value"] == 0.1
    assert "0.1" in always.words


def test_steps_without_a_finite_reward_say_nothing(tmp_path):
    lost = figure_of(tmp_path, made.descent().assign(change=np.nan))
    assert lost.findings["share_helped_by_shortest_step"] == {}
    assert lost.findings["reach"] is None
    assert lost.words
    none = figure_of(tmp_path, made.descent().iloc[:0])
    assert none.findings["shortest_step"] is None
