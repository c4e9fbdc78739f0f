"""Figure learned_rules, drawn from coefficients that are made up."""

from stages.drawing import Drawn, expect_legible
from stages.metalearn.made_rules import NAMES, SETTINGS, theta


def test_every_rule_is_drawn_in_the_deviation_that_it_takes(tmp_path):
    made = {"metalearn/mine/theta.csv": theta(0)}
    made["metalearn/centred/theta.csv"] = theta(1, deviation="standardised")
    drawn = Drawn("learned_rules", tmp_path, made, SETTINGS)
    expect_legible(drawn.figure, 6 * len(NAMES))
    labels = {ax.get_xlabel() for ax in drawn.figure.axes}
    assert {"deviation Δx", "deviation Δx (running rms)"} <= labels
    assert drawn.found["rules"]["mine"] == {"terms": 9, "largest": "55", "theta_scaled": -2.5}
    assert "θ55, -2.50" in drawn.told


def test_a_coefficient_stands_at_its_powers(tmp_path):
    made = {f"metalearn/{name}/theta.csv": theta(n) for n, name in enumerate(NAMES)}
    drawn = Drawn("learned_rules", tmp_path, made, SETTINGS)
    grid = next(ax for ax in drawn.figure.axes if "scaled θ, learned" in ax.get_title(loc="left"))
    (last,) = [text for text in grid.texts if text.get_position() == (5, 5)]
    assert last.get_text() == "−2.50"
