import io
import re
from pathlib import Path
from xml.etree import ElementTree

import matplotlib
import numpy as np
import pandas as pd
import pytest
from docutils.core import publish_string

from figures import pictures
from figures import synthetic as made
from threefactor.analysis.gradients import estimators
from threefactor.analysis.gradients.accuracy import summary
from threefactor.config.paths import FIGURES
from threefactor.plotting import palette, style
from threefactor.plotting.pages import accuracy, alignment, differences, recovery
from threefactor.plotting.pages import estimators as estimators_page

matplotlib.use("agg")
REPORT = Path(__file__).parents[2] / "workflow/report"


@pytest.fixture(scope="module")
def figures():
    return {name: draw() for name, draw in pictures.PICTURES.items()}


def svg(figure) -> bytes:
    buffer = io.BytesIO()
    with matplotlib.rc_context({"svg.hashsalt": "threefactor"}):
        figure.savefig(buffer, format="svg", metadata={"Date": None})
    return buffer.getvalue()


def test_every_figure_of_the_report_has_a_page_and_a_caption():
    assert list(pictures.PICTURES) == list(FIGURES)
    assert {path.stem for path in REPORT.glob("*.rst")} == {*FIGURES, "workflow"}


@pytest.mark.parametrize("path", sorted(REPORT.glob("*.rst")), ids=lambda path: path.stem)
def test_captions_are_sound_and_type_no_results(path):
    text = path.read_text(encoding="utf-8")
    publish_string(text, writer="html5", settings_overrides={"halt_level": 2, "report_level": 2})
    plain = re.sub(r"95 %|99\.5 %|[12]\. |\d\. \*\*", "", text)
    assert not re.search(r"\d+\.\d|\d{2,}", plain)


def test_figures_stand_in_the_order_of_the_poster():
    headings = list(FIGURES.values())
    poster = list(dict.fromkeys(headings))
    assert len(poster) == 5
    assert headings == sorted(headings, key=poster.index)


@pytest.mark.parametrize("name", FIGURES)
def test_every_panel_names_its_axes_and_lies_inside_the_sheet(figures, name):
    figure = figures[name]
    figure.draw_without_rendering()
    for ax in figure.axes:
        if not ax.axison or not ax.get_subplotspec():
            continue
        shared = ax.get_shared_x_axes().get_siblings(ax)
        assert any(other.get_xlabel() for other in shared), ax.get_title(loc="left")
        assert ax.get_title(loc="left") or ax.get_label() == "<colorbar>"
        box = ax.get_tightbbox()
        assert box.x0 > -1
        assert box.y0 > -1
        assert box.x1 < figure.bbox.width + 1, ax.get_title(loc="left")
        assert box.y1 < figure.bbox.height + 1


@pytest.mark.parametrize("name", ["learning_speed", "plasticity_dynamics"])
def test_the_same_data_give_the_same_bytes(name):
    first, second = (svg(pictures.PICTURES[name]()) for _ in range(2))
    assert first == second
    assert ElementTree.fromstring(first).tag.endswith("svg")


def test_without_networks_at_criterion_the_pages_say_so():
    none = {name: getattr(made, name)().iloc[:0] for name in ("decoding", "embedding", "spread", "permanova")}
    pages = (
        differences.codes(none["decoding"], [], {}, made.PERIODS, 100),
        differences.trajectories([], 100),
        differences.solution_space(none["embedding"], none["spread"], none["permanova"], 100),
        differences.landscape(
            made.networks().iloc[:0], pd.DataFrame(), [], made.fixed_points().iloc[:0], 100
        ),
    )
    for page in pages:
        assert differences.NOBODY in [text.get_text() for ax in page.axes for text in ax.texts]


def test_without_a_recovered_rule_the_page_says_so():
    terms, coverage = made.recovered()
    assert recovery.page(terms.iloc[-1:], coverage.iloc[:0], 100).axes[0].texts
    assert len(recovery.page(terms, coverage.iloc[:0], 100).axes) == 2, (
        "without noise in changes there is no more"
    )


def test_the_legend_of_trajectories_names_every_mark(figures):
    figure = figures["trajectories"]
    figure.draw_without_rendering()
    (legend,) = figure.legends
    words = {text.get_text() for text in legend.get_texts()}
    assert words >= {"onset", "end of the trial", "stable fixed point", "unstable", "aa", "bb"}
    box = legend.get_window_extent()
    assert box.x0 > 0
    assert box.x1 < figure.bbox.width


def test_accuracy_may_be_of_one_trial_without_differences_or_of_nothing():
    table, grown = made.accuracy((1,)), made.growth(1)
    one = accuracy.page(summary(table, grown), 100)
    ticks = one.axes[4].get_xticks()
    assert one.axes[4].get_xlabel() == "trial of learning"
    assert (ticks == ticks.round()).all()
    bare = accuracy.page(summary(table[table.method != "difference"], grown), 100)
    assert bare.axes[0].texts
    assert accuracy.page(summary(table.iloc[:0], grown), 100).axes[0].texts


def test_alignment_without_a_finite_cosine_is_drawn_empty():
    nothing = pd.DataFrame(columns=["learning_rule", "networks"])
    words = {"raw": "", "corrected": ""}
    for page in (
        alignment.gradient_alignment(nothing, nothing, nothing, words, 100),
        alignment.rule_alignments(nothing, nothing, 100),
    ):
        assert all(ax.texts for ax in page.axes)


def test_an_axis_with_nothing_positive_is_not_logarithmic():
    figure = style.sheet(3, 2, 100)
    empty, full = figure.subplots(1, 2)
    empty.plot([1.0, 2.0], [np.nan, np.nan])
    full.plot([1.0, 2.0], [0.0, 3.0])
    for ax in (empty, full):
        ax.set(xscale="log", yscale="log")
    svg(style.without_empty_logarithms(figure))
    assert (empty.get_yscale(), full.get_yscale()) == ("linear", "log")


def test_rules_have_readable_names_and_colours_of_their_own():
    names = [*made.RULES, "theta_15", "start_theta_33", "learned_masked"]
    assert [palette.label(name) for name in names[:4]] == [
        "θ₃₃",
        "θ₁₁",
        "learned from θ₃₃",
        "learned from random",
    ]
    assert palette.label("start_learned_random") == "random start"
    assert palette.label("theta_15") == "θ₁₅"
    assert palette.label("learned_masked") == "learned: masked"
    assert len({palette.label(name) for name in names}) == len(names)
    assert len({palette.colour(rule) for rule in made.RULES}) == len(made.RULES)
    assert palette.ordered(["zeta", "bptt", "theta_33"]) == ["theta_33", "bptt", "zeta"]


def test_known_colours_stay_apart_in_grey():
    grey = {
        name: np.dot(matplotlib.colors.to_rgb(c), (0.299, 0.587, 0.114))
        for name, c in palette.COLOURS.items()
    }
    assert abs(grey["theta_33"] - grey["learned_random"]) > 0.2
    assert abs(grey["bptt"] - grey["node_perturbation"]) > 0.2


def test_estimators_that_failed_are_drawn_as_unknown():
    table, errors = made.estimated("weak")
    failed = ["bias", "expected_bias", "truth", "share", "deviation"]
    table, errors = table.assign(**dict.fromkeys(failed, np.nan)), errors.assign(rmse=np.nan)
    data = estimators.shares(table), estimators.biases(table), estimators.curves(errors)
    whole = estimators_page.page(*data, 100)
    whole.draw_without_rendering()
    assert all(estimators_page.UNKNOWN in [text.get_text() for text in ax.texts] for ax in whole.axes)
    none = estimators_page.page(*(part.iloc[:0] for part in data), 100)
    assert [text.get_text() for text in none.axes[0].texts] == [estimators_page.UNKNOWN]


def test_panels_beyond_z_have_two_letters():
    figure = style.sheet(8, 8, 100)
    axes = list(figure.subplots(6, 9).flat)
    style.letters(axes)
    svg(figure)
    marks = [ax.get_title(loc="left").strip() for ax in axes]
    assert [marks[at] for at in (0, 25, 26, 53)] == [rf"$\bf{{{mark}}}$" for mark in ("a", "z", "aa", "bb")]
