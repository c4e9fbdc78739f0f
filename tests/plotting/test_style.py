import io

import matplotlib
import numpy as np
import pytest

from threefactor.plotting import style

matplotlib.use("agg")
RULES = [f"learned_by_a_search_with_a_long_name_{number}" for number in range(9)]


def test_an_axis_with_nothing_positive_is_not_logarithmic():
    figure = style.sheet(3, 2, 100)
    empty, full = figure.subplots(1, 2)
    empty.plot([1.0, 2.0], [np.nan, np.nan])
    full.plot([1.0, 2.0], [0.0, 3.0])
    for ax in (empty, full):
        ax.set(xscale="log", yscale="log")
    style.without_empty_logarithms(figure).savefig(io.BytesIO(), format="svg")
    assert (empty.get_yscale(), full.get_yscale()) == ("linear", "log")


def test_panels_beyond_z_have_two_letters():
    figure = style.sheet(8, 8, 100)
    axes = list(figure.subplots(6, 9).flat)
    style.letters(axes)
    marks = [ax.get_title(loc="left").strip() for ax in axes]
    assert [marks[at] for at in (0, 25, 26, 53)] == [rf"$\bf{{{mark}}}$" for mark in ("a", "z", "aa", "bb")]


@pytest.mark.parametrize("rules", [RULES, RULES[:3], ["theta_33", "bptt"]])
def test_the_legend_of_rules_stays_on_its_sheet(rules):
    with style.look():
        figure = style.sheet(7.6, 4, 100)
        figure.subplots().plot([0, 1])
        style.rule_legend(figure, rules, dict.fromkeys(rules, 96))
        figure.draw_without_rendering()
    (legend,) = figure.legends
    box = legend.get_window_extent()
    assert box.x0 > 0
    assert box.x1 < figure.bbox.width
    assert len(legend.get_texts()) == len(rules)


def test_the_same_data_give_the_same_bytes():
    def drawn():
        with style.look(), matplotlib.rc_context({"svg.hashsalt": "threefactor"}):
            figure, buffer = style.blank("nothing", 100), io.BytesIO()
            figure.savefig(buffer, format="svg", metadata={"Date": None})
        return buffer.getvalue()

    assert drawn() == drawn()
