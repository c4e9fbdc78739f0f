import numpy as np
import pytest

from made import crossed, drawn, expect_labelled, panels
from threefactor.analysis.learning.endings import ALONG, ENDINGS
from threefactor.pipeline.settings import load

RULES = ["theta_33", "learned_random", "bptt"]
LONG, SHORT = [0, 1, 2, 5, 10, 20, 50, 100], [0, 1, 2, 5, 10]
STILL = 2  # trials before weights change
LEVELS = [0.7, 0.5]


def along():
    """Return along.csv, in which BPTT is followed for less, and weights rest during the first trials."""
    table = crossed(
        ALONG,
        learning_rule=RULES,
        trial=LONG,
        networks=8,
        error=lambda table: 1 - 0.005 * table.trial,
        error_low=lambda table: table.error - 0.1,
        error_high=lambda table: table.error + 0.1,
        accuracy=lambda table: 0.25 + 0.007 * table.trial,
        change_norm=lambda table: 0.01 * (table.trial - STILL).clip(0),
        change_norm_low=lambda table: table.change_norm / 2,
        change_norm_high=lambda table: table.change_norm * 2,
        change_rank=lambda table: np.where(table.trial > STILL, 3.0, np.nan),
        change_rank_low=lambda table: np.where(table.trial > STILL, 2.0, np.nan),
        change_rank_high=lambda table: np.where(table.trial > STILL, 4.0, np.nan),
    )
    return table[(table.learning_rule != "bptt") | table.trial.isin(SHORT)]


def endings():
    return crossed(
        ENDINGS, learning_rule=RULES, networks=8, accuracy=0.75, error=0.125, error_low=0.0625, error_high=0.25,
        trials=lambda table: np.where(table.learning_rule == "bptt", SHORT[-1], LONG[-1]),
        change_rank=6.5, change_rank_low=5.5, change_rank_high=7.5,
        diverged=lambda table: np.where(table.learning_rule == "learned_random", 2, 0),
    )  # fmt: skip


@pytest.fixture(scope="module")
def usual(tmp_path_factory):
    settings = {"retrain": {"levels": LEVELS}, "results": str(tmp_path_factory.mktemp("curves"))}
    results = {"compare_learning/along.csv": along(), "compare_learning/endings.csv": endings()}
    return drawn(load.parse(settings), "learning_curves", results)


def curves(ax):
    """Return the trials and values of each rule, without the lines that go straight across."""
    lines = [(np.asarray(line.get_xdata()), np.asarray(line.get_ydata())) for line in ax.lines]
    return [(x, y) for x, y in lines if len(x) > 2]


def test_every_panel_shows_every_rule_to_its_own_end(usual):
    expect_labelled(usual.figure)
    shown = panels(usual.figure)
    assert len(shown) == 4
    for ax in shown:
        assert sorted(x[-1] for x, _ in curves(ax)) == [SHORT[-1], LONG[-1], LONG[-1]]
        assert {x[0] for x, _ in curves(ax)} == {STILL}, "from the last evaluation before weights change"
        assert ax.get_xscale() == "log"


def test_the_curves_are_those_of_the_table(usual):
    table = along().query("learning_rule == 'theta_33' and trial >= @STILL")
    columns = ("error", "accuracy", "change_norm", "change_rank")
    for ax, column in zip(panels(usual.figure), columns, strict=True):
        wanted = table[column].to_numpy()
        assert any(np.array_equal(y, wanted, equal_nan=True) for _, y in curves(ax)), column


def test_levels_and_chance_are_marked(usual):
    error, accuracy = panels(usual.figure)[:2]
    across = [line.get_ydata()[0] for line in error.lines if len(line.get_xdata()) == 2]
    assert across == LEVELS
    assert [line.get_ydata()[0] for line in accuracy.lines if len(line.get_xdata()) == 2] == [0.5]


def test_where_networks_end_is_stated(usual):
    found, words = usual.findings["rules"], usual.words
    assert list(found) == RULES
    one = found["learned_random"]
    assert (one["networks"], one["trials"], one["diverged"], one["accuracy"]) == (8, 100, 2, 0.75)
    assert one["error"] == [0.125, 0.0625, 0.25]
    assert one["change_rank"] == [6.5, 5.5, 7.5]
    assert found["bptt"]["trials"] == 10
    for number in (
        "0.125 [0.062, 0.250]",
        "0.75 after 100 trials",
        "after 10 trials",
        "2 of 8 diverged",
        "6.5 [5.5, 7.5]",
    ):
        assert number in words
    assert words.count("diverged") == 1, "only of rules whose networks did"
