import numpy as np
import pytest

from made import crossed, drawn, expect_labelled, panels
from threefactor.analysis.learning.generalisation import BEYOND, ERRORS, GENERALISATION
from threefactor.pipeline.settings import load

RULES = ["theta_33", "node_perturbation", "rflo", "bptt"]
LOST = "node_perturbation"  # of which no network was at the level
TASK = ["savings", "error_retained"]
LEVELS, LEVEL = [0.7, 0.35], 0.35
STATED = [*ERRORS, "degeneracy", "savings"]


def middle_and_ends(table, name):
    """Return a column and its ends, which differ between rules, levels and columns."""
    place = table.index.to_numpy() / 100
    middle = 0.2 + 0.05 * STATED.index(name)
    of = {"": 0, "_low": -0.11, "_high": 0.12}
    return {f"{name}{end}": middle + place + more for end, more in of.items()}


def generalisation(*, unknown=()):
    """Return the table; columns of the rule that is lost, and unknown ones, are empty."""
    table = crossed(
        GENERALISATION,
        level=LEVELS,
        learning_rule=RULES,
        networks=lambda table: np.where(table.learning_rule == LOST, 0, 7),
    )
    for name in STATED:
        table = table.assign(**middle_and_ends(table, name))
        ends = [f"{name}{end}" for end in ("", "_low", "_high")]
        table.loc[(table.learning_rule == LOST) | (name in unknown), ends] = np.nan
    return table


def at_level(table):
    return table[table.level == LEVEL].set_index("learning_rule")


def figure_of(folder, table, **settings):
    config = load.parse(
        {
            "results": str(folder),
            "retrain": {"levels": LEVELS},
            "analyse": {"level": LEVEL},
            "generalise": {"next_trials": 321, **settings},
        }
    )
    return drawn(config, "generalisation", {"compare_learning/generalisation.csv": table})


def test_what_is_beyond_training_is_drawn_and_stated(tmp_path):
    table = generalisation()
    figure, found, words = figure_of(tmp_path, table)
    expect_labelled(figure)
    assert len(panels(figure)) == 5
    assert (found["level"], found["next_task"], found["next_trials"]) == (LEVEL, "dms", 321)
    assert list(found["rules"]) == RULES
    rows = at_level(table)
    for rule, one in found["rules"].items():
        assert one["networks"] == rows.networks[rule]
        for name in STATED:
            if rule == LOST:
                assert one[name] is None
            else:
                ends = [rows.loc[rule, f"{name}{end}"] for end in ("", "_low", "_high")]
                assert one[name] == pytest.approx(ends)
    stated = ["error_out_of_distribution", "degeneracy", "savings"]
    numbers = ", ".join(
        "{:.2f} [{:.2f}, {:.2f}]".format(*(rows.loc["bptt", f"{name}{end}"] for end in ("", "_low", "_high")))
        for name in stated
    )
    assert f"``bptt`` (n = 7) {numbers}" in words
    assert f"``{LOST}`` (n = 0) unknown, unknown, unknown" in words
    for number in ("error 0.35", "trials on dms", "within 321 trials"):
        assert number in words


def test_points_are_those_of_the_table(tmp_path):
    table = generalisation()
    _, beyond, degeneracy, savings, retained = panels(figure_of(tmp_path, table).figure)
    rows = at_level(table)
    for end in ("", "_low", "_high"):
        assert _rounded(rows[f"error_out_of_distribution{end}"]) <= _along(beyond)
        assert _rounded(table[f"degeneracy{end}"]) <= _along(degeneracy), "of all levels"
        assert _rounded(rows[f"savings{end}"]) <= _along(savings)
        assert _rounded(rows[f"error_retained{end}"]) <= _along(retained)
    assert _rounded(rows.error) <= _along(beyond), "ticks: as trained"
    assert round(rows.error.median(), 9) in _along(retained), "dotted: before"
    other = table[table.level != LEVEL]
    assert not _rounded(other.error_out_of_distribution) & _along(beyond)


def test_medians_are_written_by_condition(tmp_path):
    table = generalisation(unknown=["error_longer_delay"])
    first = panels(figure_of(tmp_path, table).figure)[0]
    names = [label.get_text() for label in first.get_xticklabels()]
    assert names[:3] == ["as trained", "known noise", "longer delay"]
    columns = ["error", "error_known_noise", *BEYOND]
    written = [text.get_text() for text in first.texts]
    rows = at_level(table).loc[RULES, columns].to_numpy()
    assert sorted(written) == sorted("–" if np.isnan(value) else f"{value:.2f}" for value in rows.flat)
    assert written.count("–") == len(columns) + len(RULES) - 1


def _rounded(column):
    return {round(float(x), 9) for x in column.dropna()}


def _along(ax):
    """Return where anything is drawn along the axis of numbers."""
    found = [line.get_xdata() for line in ax.lines]
    return {round(float(x), 9) for part in found for x in np.atleast_1d(part) if np.isfinite(x)}


def test_an_interval_that_is_not_known_is_a_dash(tmp_path):
    table = generalisation().assign(degeneracy_low=np.nan, degeneracy_high=np.nan)
    _, found, words = figure_of(tmp_path, table)
    assert found["rules"]["bptt"]["degeneracy"][1:] == [None, None]
    assert " [–, –], " in words
    assert "nan" not in words


def test_without_a_next_task_the_figure_stands_and_says_so(tmp_path):
    table = generalisation(unknown=TASK)
    figure, found, words = figure_of(tmp_path, table, next_task="")
    figure.draw_without_rendering()
    assert found["next_task"] == "none"
    assert all(found["rules"][rule][name] is None for rule in RULES for name in TASK)
    assert words.count("unknown") == 2 + len(RULES), "of the rule that is lost two more"
