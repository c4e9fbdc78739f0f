"""Figure search, drawn from made-up searches."""

import pytest
from stages.drawing import Drawn, expect_legible, words_in

from analysis.learning.test_search import scored
from threefactor.analysis.learning.search import savings


def results(scores):
    """Return what stage metalearning_report would have written."""
    return {"metalearning_report/searches.csv": scores, "metalearning_report/savings.csv": savings(scores)}


def test_every_evolved_rule_has_a_panel(tmp_path):
    drawn = Drawn("search", tmp_path, results(scored()))
    expect_legible(drawn.figure, 3)
    *_, whole = drawn.found["levels"]
    assert whole["saving"] == pytest.approx([200 / 3] * 3)
    for words in ("2,000,000 (``evolved``)", "1 of 2 compared searches", "67 times fewer"):
        assert words in drawn.told


def test_without_evolution_nothing_is_compared(tmp_path):
    scores = scored()
    drawn = Drawn("search", tmp_path, results(scores[scores.estimator != "evolution"]))
    assert drawn.found == {"levels": []}
    assert drawn.told == ""
    assert len(words_in(drawn.figure)) == 1, "in the panel of what is saved"


def test_without_scores_the_figure_says_so(tmp_path):
    drawn = Drawn("search", tmp_path, results(scored().iloc[:0]))
    assert len(words_in(drawn.figure)) == 2
