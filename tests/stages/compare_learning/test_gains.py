import numpy as np

from made import crossed, drawn, expect_labelled, panels
from threefactor.analysis.solutions.comparison_columns import LEVELS_BY_GAIN
from threefactor.pipeline.settings import load

RULES, LEVELS, GAINS = ["theta_33", "bptt"], [0.7, 0.5], [0.8, 1.2, 1.5]


def by_gain():
    return crossed(
        LEVELS_BY_GAIN,
        gain=GAINS,
        level=LEVELS,
        learning_rule=RULES,
        networks=8,
        reached=lambda table: np.where(table.gain == 1.5, 6, 3),
        restricted_mean=lambda table: 200 * table.gain + 10 * table.level,
        restricted_mean_low=lambda table: table.restricted_mean - 20,
        restricted_mean_high=lambda table: table.restricted_mean + 20,
        horizon=500,
    )


def test_a_panel_per_level_has_a_line_per_rule_over_the_gains(tmp_path):
    results = {"compare_learning/levels_by_gain.csv": by_gain()}
    figure, found, words = drawn(load.parse({"results": str(tmp_path)}), "gains", results)
    expect_labelled(figure)
    assert len(panels(figure)) == len(LEVELS)
    for ax, level in zip(panels(figure), LEVELS, strict=True):
        shown = [(list(line.get_xdata()), list(line.get_ydata())) for line in ax.lines]
        wanted = by_gain().query(f"level == {level} and learning_rule == 'bptt'").restricted_mean.tolist()
        assert (GAINS, wanted) in shown
    assert list(found["gains"]) == ["0.8", "1.2", "1.5"]
    one = found["gains"]["1.5"]["0.5"]["bptt"]
    assert (one["reached"], one["networks"], one["restricted_mean"]) == (6, 8, 305.0)
    for number in ("Gain 0.8", "Gain 1.5", "6 of 8", "3 of 8"):
        assert number in words
