"""The figure of a learned rule beside the best hand-made ones."""

import numpy as np
import pytest

from made import crossed, drawn, texts
from stages.rivals.rival_runs import config
from threefactor.analysis.learning.judged import CRITERION, JUDGED
from threefactor.analysis.table import stacked

NAMES = {
    "learned_1": "",
    "mine": "",
    "theta_33": "",
    "standardised_1": "theta_13",
    "raw_1": "theta_11 and theta_33",
}


def judged(low=0.25, high=0.75):
    speed = {"learned_1": 90, "mine": 100, "theta_33": 400, "standardised_1": 200, "raw_1": 300}
    return crossed(
        JUDGED,
        judged=list(NAMES),
        goal=[CRITERION, "0.5"],
        rival=lambda table: table.judged.map(NAMES),
        networks=40,
        reached=30,
        restricted_mean=lambda table: table.judged.map(speed).astype(float),
        ratio=0.5,
        ratio_low=lambda table: np.where(table.goal == CRITERION, low, np.nan),
        ratio_high=lambda table: np.where(table.goal == CRITERION, high, np.nan),
    )


def figure(folder, table):
    return drawn(config(folder), "rivals", {"compare_rivals/judged.csv": table})


@pytest.mark.parametrize(
    ("interval", "said"),
    [
        ((0.25, 0.75), "adds to every hand-made rule"),
        ((1.25, 1.75), "adds nothing: a hand-made rule is faster"),
        ((0.25, 1.75), "adds nothing that can be seen"),
    ],
)
def test_the_first_sentence_says_whether_learning_adds_anything(tmp_path, interval, said):
    made = figure(tmp_path, judged(*interval))
    assert said in made.words
    assert made.findings["goals"][CRITERION]["rival"] == "theta_13", "the fastest"
    assert f"0.50 [{interval[0]:.2f}, {interval[1]:.2f}]" in made.words


def test_the_fastest_rule_is_on_top_and_rivals_are_named_by_their_terms(tmp_path):
    left, right = figure(tmp_path, judged()).figure.axes
    names = [label.get_text() for label in left.get_yticklabels()]
    assert names == ["mine, tuned", "mine", "θ₁₃, standardised", "θ₁₁ and θ₃₃, raw", "θ₃₃"]
    assert [label.get_text() for label in right.get_xticklabels()] == [CRITERION], "no interval at the level"


def test_where_nothing_is_judged_the_figure_says_so(tmp_path):
    made = figure(tmp_path, stacked([], JUDGED))
    assert "rivals.learned_rule" in " ".join(texts(made.figure))
    assert made.findings == {}
