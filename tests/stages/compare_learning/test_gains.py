import numpy as np

from made import crossed, drawn, expect_labelled, panels
from threefactor.analysis.solutions.comparison_columns import LEVELS_BY_GAIN
from threefactor.pipeline.settings import load

RULES, GAINS, LEVELS = ["theta_33", "rflo"], [0.9, 1.25, 1.5], [0.7, 0.5, 0.35, 0.2, 0.1]
HORIZON = 600


def by_gain(gains=GAINS, levels=LEVELS):
    """Return restricted means that name gain, level and rule."""

    def mean(table):
        return 100 * table.gain + 100 * table.level + np.where(table.learning_rule == "rflo", 7, 0)

    table = crossed(
        LEVELS_BY_GAIN,
        gain=gains,
        level=levels,
        learning_rule=RULES,
        networks=12,
        reached=lambda table: np.where(table.learning_rule == "rflo", 11, 3),
        restricted_mean=mean,
        horizon=HORIZON,
    )
    return table.assign(restricted_mean_low=mean(table) - 5, restricted_mean_high=mean(table) + 9)


def figure_of(folder, table):
    level = float(table.level.iloc[-1])
    config = load.parse(
        {
            "results": str(folder),
            "analyse": {"level": level},
            "retrain": {"levels": table.level.unique().tolist()},
        }
    )
    return drawn(config, "gains", {"compare_learning/levels_by_gain.csv": table})


def test_a_panel_per_level_shows_every_rule_by_its_gains(tmp_path):
    table = by_gain()
    figure, _, _ = figure_of(tmp_path, table)
    expect_labelled(figure)
    shown = panels(figure)
    assert len(shown) == len(LEVELS)
    for ax, level in zip(shown, LEVELS, strict=True):
        assert ax.get_title(loc="left").endswith(f"To error {level:g}")
        of_level = table[table.level == level]
        lines = {tuple(line.get_ydata()) for line in ax.lines if list(line.get_xdata()) == GAINS}
        expected = {
            tuple(of_level[of_level.learning_rule == rule].restricted_mean.tolist()) for rule in RULES
        }
        assert expected <= lines
        bars = {tuple(part[:, 1]) for one in ax.collections for part in one.get_segments()}
        ends = of_level[["restricted_mean_low", "restricted_mean_high"]]
        for low, high in ends.to_numpy():
            assert any(np.allclose((low, high), bar) for bar in bars)
        assert [HORIZON, HORIZON] in [list(line.get_ydata()) for line in ax.lines], "the horizon"


def test_how_many_got_there_is_stated(tmp_path):
    _, found, words = figure_of(tmp_path, by_gain())
    assert list(found["gains"]) == ["0.9", "1.25", "1.5"]
    one = found["gains"]["1.25"]["0.35"]
    assert one["theta_33"] == {"reached": 3, "networks": 12, "restricted_mean": 125 + 35}
    assert one["rflo"] == {"reached": 11, "networks": 12, "restricted_mean": 125 + 35 + 7}
    for gain in ("0.9", "1.25", "1.5"):
        counts = "``theta_33`` 3 of 12, ``rflo`` 11 of 12."
        assert f"Networks at level 0.1 from gain {gain}, of all: {counts}" in words
    assert words.count("``rflo`` 11 of 12") == len(GAINS), "at the level of the analysis alone"


def test_a_single_gain_and_level_are_a_point_for_each_rule(tmp_path):
    figure, found, _ = figure_of(tmp_path, by_gain([1.5], [0.7]))
    expect_labelled(figure)
    assert len(panels(figure)) == 1
    assert list(found["gains"]) == ["1.5"]


def test_gains_at_which_no_network_is_there_have_no_bar(tmp_path):
    ends = dict.fromkeys(["restricted_mean_low", "restricted_mean_high"], np.nan)
    figure, _, words = figure_of(
        tmp_path, by_gain().assign(**ends, restricted_mean=float(HORIZON), reached=0)
    )
    expect_labelled(figure)
    for ax in panels(figure):
        assert any((np.asarray(line.get_ydata()) == HORIZON).all() for line in ax.lines)
    assert "0 of 12" in words
