"""Figure meta_learning, drawn from tables of made-up searches."""

from made import drawn, expect_labelled, panels, texts
from stages.metalearn.made_rules import NAMES, SETTINGS, held_out, history
from threefactor.pipeline.settings import load


def results(steps=6):
    """Return what stage metalearn would have written."""
    tables = {f"metalearn/{name}/history.csv": history(n, steps) for n, name in enumerate(NAMES)}
    scores = {f"metalearn/{name}/held_out.csv": held_out(0.5, 0.4 - 0.1 * n) for n, name in enumerate(NAMES)}
    return tables | scores


def figure_of(root, made):
    """Draw the figure from results."""
    return drawn(load.parse({**SETTINGS, "results": str(root)}), "meta_learning", made)


def test_every_rule_has_a_row_below_what_all_share(tmp_path):
    result = figure_of(tmp_path, results())
    expect_labelled(result.figure)
    assert len(panels(result.figure)) == 4 + 2 * len(NAMES)
    scores = {"networks": 8, "at_start": 0.5, "taken": 0.4}
    assert result.findings["rules"]["mine"] == {"steps": 6, "learning_runs": 24, "held_out": scores}
    for words in ("6 steps of 24 learning runs", "0.500 at the start and 0.400", "0.300"):
        assert words in result.words


def test_without_held_out_networks_the_panel_says_so(tmp_path):
    made = results()
    for name in NAMES:
        made[f"metalearn/{name}/held_out.csv"] = held_out(0.5, 0.4).iloc[:0]
    result = figure_of(tmp_path, made)
    assert len(texts(result.figure)) == 1
    assert result.findings["rules"]["mine"]["held_out"] is None
    assert "held-out" not in result.words


def test_without_a_step_the_figure_says_so(tmp_path):
    result = figure_of(tmp_path, results(0))
    assert texts(result.figure)
    assert result.findings["rules"]["mine"]["steps"] == 0
