"""The figure of steps along updates, and the numbers in its caption."""

import numpy as np
import pytest

from analysis.gradients import made_up as made
from stages.align.made_tables import SETTINGS, files
from stages.drawing import Drawn, expect_legible


def drawn(root, steps):
    return Drawn("descent", root, files(alignment=made.aligned(), descent=steps), SETTINGS)


@pytest.fixture(scope="module")
def usual(tmp_path_factory):
    return drawn(tmp_path_factory.mktemp("descent"), made.descent())


def test_every_panel_shows_something(usual):
    expect_legible(usual.figure, 3)


def test_the_shortest_step_helps_so_often(usual):
    steps = made.descent()
    shortest = steps[(steps.step == 1e-3) & (steps.direction == steps.learning_rule)]
    wanted = shortest.groupby("learning_rule").change.apply(lambda change: (change > 0).mean())
    assert usual.found["shortest_step"] == 1e-3
    assert usual.found["share_helped_by_shortest_step"] == pytest.approx(wanted.to_dict())
    assert "0.001" in usual.told


def test_the_reach_lies_where_half_of_the_prediction_is_left(usual):
    """Made-up changes are above half of what is predicted at 0.01, and below at 0.1; later rules fall faster."""
    least, most = (usual.found["reach"][end] for end in ("least", "most"))
    assert (least["rule"], most["rule"]) == (made.RULES[-1], made.RULES[0])
    assert 1e-2 < least["value"] <= most["value"] < 1e-1
    assert not usual.found["reach_is_at_least_the_longest_step"]
    trial = usual.found["reach_in_updates_of_a_trial"]
    assert trial["most"]["rule"] == most["rule"], "all updates of a trial are of one length"
    assert trial["most"]["value"] == pytest.approx(most["value"] / 1e-4)
    for one in (least, most):
        assert f"{one['value']:.2g}" in usual.told
    assert 1e-2 < usual.found["reach_along_gradient"] < 1e-1


def test_a_prediction_that_always_holds_reaches_the_longest_step(tmp_path):
    always = drawn(tmp_path, made.descent().assign(change=lambda t: t.predicted))
    assert always.found["reach_is_at_least_the_longest_step"]
    assert always.found["reach"]["most"]["value"] == 0.1
    assert "0.1" in always.told


def test_steps_without_a_finite_reward_say_nothing(tmp_path):
    lost = drawn(tmp_path, made.descent().assign(change=np.nan))
    assert lost.found["share_helped_by_shortest_step"] == {}
    assert lost.found["reach"] is None
    assert lost.told
    none = drawn(tmp_path, made.descent().iloc[:0])
    assert none.found["shortest_step"] is None
