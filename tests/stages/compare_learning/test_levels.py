import numpy as np
import pytest

from made import crossed, drawn, expect_labelled, panels, texts
from threefactor.analysis.learning.endings import ENDINGS
from threefactor.analysis.solutions.comparison_columns import LEVELS
from threefactor.pipeline.settings import load

RULES = ["theta_33", "learned_random", "node_perturbation", "rflo", "bptt"]
FALLING = [0.7, 0.5, 0.2]
NOBODY = 0.2  # a level that is too low for all rules but the last


def by_level():
    """Return levels.csv, in which nobody reaches the last level but under BPTT."""

    def known(value):
        return lambda table: np.where(lost(table), np.nan, value(table) if callable(value) else value)

    def lost(table):
        return (table.level == NOBODY) & (table.learning_rule != "bptt")

    return crossed(
        LEVELS,
        level=FALLING,
        learning_rule=RULES,
        networks=12,
        reached=lambda table: np.where(lost(table), 0, 10),
        crossed=lambda table: np.where(lost(table), 0, 11),
        lost=lambda table: np.where(lost(table), 0, 3),
        lost_fraction=known(3 / 11),
        lost_low=known(0.1),
        lost_high=known(0.57),
        restricted_mean=lambda table: 300 + 10.0 * np.arange(len(table)),
        restricted_mean_low=lambda table: table.restricted_mean - 40,
        restricted_mean_high=lambda table: table.restricted_mean + 60,
        ratio_to_theta_33=lambda table: np.where(lost(table), 1.0, 0.75),
        ratio_low=0.5,
        ratio_high=1.25,
        error=known(lambda table: table.level - 0.01),
        error_low=known(0.1),
        error_high=known(0.2),
        horizon=800,
    )


def endings():
    return crossed(
        ENDINGS, learning_rule=RULES, networks=12, error=0.3, error_low=0.2, error_high=0.4, best_error=0.1
    )


def results():
    return {"compare_learning/levels.csv": by_level(), "compare_learning/endings.csv": endings()}


@pytest.fixture(scope="module")
def usual(tmp_path_factory):
    return drawn(load.parse({"results": str(tmp_path_factory.mktemp("levels"))}), "levels", results())


def test_a_panel_per_level_and_two_more_are_drawn(usual):
    expect_labelled(usual.figure)
    titles = [ax.get_title(loc="left") for ax in panels(usual.figure)]
    assert len(titles) == len(FALLING) + 2
    for title, level in zip(titles, FALLING, strict=False):
        assert f"{level:g}" in title
    assert texts(usual.figure).count("10/12") == 2 * len(RULES) + 1
    assert texts(usual.figure).count("0/12") == len(RULES) - 1


def test_points_are_the_restricted_means_within_one_range(usual):
    """All levels have one axis of trials, that of the horizon, which is marked."""
    shown = panels(usual.figure)[: len(FALLING)]
    assert len({ax.get_xlim() for ax in shown}) == 1
    for ax, level in zip(shown, FALLING, strict=True):
        drawn_at = {line.get_xdata()[0] for line in ax.lines if len(line.get_xdata()) == 1}
        wanted = by_level().query(f"level == {level}").restricted_mean
        assert drawn_at == set(wanted)
        assert any((np.asarray(line.get_xdata()) == 800).all() for line in ax.lines)
        low, high = ax.get_xlim()
        assert low < by_level().restricted_mean_low.min() < 800 < high


def test_the_end_of_learning_and_what_was_lost_are_drawn(usual):
    end, lost = panels(usual.figure)[-2:]
    singles = [line.get_xdata()[0] for line in end.lines if len(line.get_xdata()) == 1]
    assert sorted(set(singles)) == [0.1, 0.3], "the least error and that at the end"
    shares = [line.get_xdata()[0] for line in lost.lines if len(line.get_xdata()) == 1]
    assert np.isfinite(shares).sum() == 2 * len(RULES) + 1
    assert np.nanmax(shares) == pytest.approx(3 / 11)


def test_levels_are_stated(usual):
    found, words = usual.findings, usual.words
    assert found["horizon"] == 800
    assert list(found["levels"]) == ["0.7", "0.5", "0.2"]
    assert list(found["levels"]["0.7"]) == RULES
    one = found["levels"]["0.5"]["learned_random"]
    assert (one["networks"], one["reached"], one["crossed"], one["lost"]) == (12, 10, 11, 3)
    assert one["restricted_mean"] == [360, 320, 420]
    assert one["ratio_to_theta_33"] == [0.75, 0.5, 1.25]
    assert found["levels"]["0.2"]["rflo"]["error"] == [None] * 3
    assert found["levels"]["0.2"]["rflo"]["lost_fraction"] == [None] * 3
    for number in ("800 trials", "10 of 12", "0 of 12", "360 trials", "0.75 [0.50, 1.25]", "3 of 11 lost"):
        assert number in words
    assert "None" not in words
    assert "nan" not in words


def test_without_the_reference_no_ratio_is_stated(tmp_path):
    rest = by_level().assign(ratio_to_theta_33=np.nan, ratio_low=np.nan, ratio_high=np.nan)
    made = {**results(), "compare_learning/levels.csv": rest}
    _, found, words = drawn(load.parse({"results": str(tmp_path)}), "levels", made)
    assert found["levels"]["0.7"]["bptt"]["ratio_to_theta_33"] == [None] * 3
    assert "0.75" not in words
    assert "None" not in words


def test_levels_that_no_network_reaches_are_drawn_and_stated_without_intervals(tmp_path):
    ends = ["restricted_mean_low", "restricted_mean_high", "ratio_to_theta_33", "ratio_low", "ratio_high"]
    nobody = by_level().assign(**dict.fromkeys(ends, np.nan), restricted_mean=800.0, reached=0)
    made = {**results(), "compare_learning/levels.csv": nobody}
    figure, found, words = drawn(load.parse({"results": str(tmp_path)}), "levels", made)
    assert found["levels"]["0.7"]["bptt"]["restricted_mean"] == [800, None, None]
    assert texts(figure).count("0/12") == len(RULES) * len(FALLING)
    assert "800 trials" in words
    assert "None" not in words
    assert "nan" not in words
