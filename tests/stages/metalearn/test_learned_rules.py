"""Figure learned_rules, drawn from coefficients that are made up."""

from made import drawn, expect_labelled, panels
from stages.metalearn.made_rules import NAMES, SETTINGS, theta
from threefactor.pipeline.settings import load


def figure_of(root, made):
    """Draw the figure from results."""
    return drawn(load.parse({**SETTINGS, "results": str(root)}), "learned_rules", made)


def test_every_rule_is_drawn_in_the_deviation_that_it_takes(tmp_path):
    made = {"metalearn/mine/theta.csv": theta(0)}
    made["metalearn/centred/theta.csv"] = theta(1, deviation="standardised")
    result = figure_of(tmp_path, made)
    expect_labelled(result.figure)
    assert len(panels(result.figure)) == 6 * len(NAMES)
    labels = {ax.get_xlabel() for ax in result.figure.axes}
    assert {"deviation Δx", "deviation Δx (running rms)"} <= labels
    assert result.findings["rules"]["mine"] == {"terms": 9, "largest": "55", "theta_scaled": -2.5}
    assert "θ55, -2.50" in result.words


def test_a_coefficient_stands_at_its_powers(tmp_path):
    made = {f"metalearn/{name}/theta.csv": theta(n) for n, name in enumerate(NAMES)}
    result = figure_of(tmp_path, made)
    grid = next(ax for ax in result.figure.axes if "scaled θ, learned" in ax.get_title(loc="left"))
    (last,) = [text for text in grid.texts if text.get_position() == (5, 5)]
    assert last.get_text() == "−2.50"
