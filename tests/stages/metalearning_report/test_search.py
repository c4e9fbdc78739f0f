"""Figure search, drawn from made-up searches."""

import pytest

from analysis.learning.test_search_cost import scored
from made import drawn, expect_labelled, panels, texts
from threefactor.analysis.learning.search_cost import savings
from threefactor.pipeline.settings import load


def results(scores):
    """Return what stage metalearning_report would have written."""
    return {"metalearning_report/searches.csv": scores, "metalearning_report/savings.csv": savings(scores)}


def figure_of(root, made):
    """Draw the figure from results."""
    return drawn(load.parse({"results": str(root)}), "search", made)


def test_every_evolved_rule_has_a_panel(tmp_path):
    result = figure_of(tmp_path, results(scored()))
    expect_labelled(result.figure)
    assert len(panels(result.figure)) == 3
    *_, whole = result.findings["levels"]
    assert whole["saving"] == pytest.approx([200 / 3] * 3)
    for words in ("2,000,000 (``evolved``)", "1 of 2 compared searches", "67 times fewer"):
        assert words in result.words


def test_without_evolution_nothing_is_compared(tmp_path):
    scores = scored()
    result = figure_of(tmp_path, results(scores[scores.estimator != "evolution"]))
    assert result.findings == {"levels": []}
    assert result.words == ""
    assert len(texts(result.figure)) == 1, "in the panel of what is saved"


def test_without_scores_the_figure_says_so(tmp_path):
    result = figure_of(tmp_path, results(scored().iloc[:0]))
    assert len(texts(result.figure)) == 2
