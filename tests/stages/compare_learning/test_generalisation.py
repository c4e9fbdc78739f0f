import numpy as np
import pytest

from made import crossed, drawn, expect_labelled, panels
from threefactor.analysis.learning.generalisation import ERRORS, GENERALISATION
from threefactor.pipeline.settings import load

RULES = ["theta_33", "node_perturbation", "rflo", "bptt"]
LOST = "node_perturbation"  # of which no network was at the level
TASK = ["savings", "error_retained"]


def quartiles(table, name):
    """Return a column of medians or savings with its ends, which differ between rules."""
    place = table.index.to_numpy() / 100
    middle = 0.2 + 0.05 * [*ERRORS, "savings"].index(name)
    of = {"": 0, "_low": -0.11, "_high": 0.12}
    return {f"{name}{end}": middle + place + more for end, more in of.items()}


def generalisation(*, unknown=()):
    """Return the table; columns of the rule that is lost, and unknown ones, are empty."""
    table = crossed(
        GENERALISATION,
        learning_rule=RULES,
        networks=lambda table: np.where(table.learning_rule == LOST, 0, 7),
    )
    for name in (*ERRORS, "savings"):
        table = table.assign(**quartiles(table, name))
        ends = [f"{name}{end}" for end in ("", "_low", "_high")]
        table.loc[(table.learning_rule == LOST) | (name in unknown), ends] = np.nan
    return table


def figure_of(folder, table, **settings):
    config = load.parse(
        {
            "results": str(folder),
            "retrain": {"levels": [0.7, 0.35]},
            "analyse": {"level": 0.35},
            "generalise": {"next_trials": 321, **settings},
        }
    )
    return drawn(config, "generalisation", {"compare_learning/generalisation.csv": table})


def test_what_is_beyond_training_is_drawn_and_stated(tmp_path):
    table = generalisation()
    figure, found, words = figure_of(tmp_path, table)
    expect_labelled(figure)
    assert len(panels(figure)) == 3
    assert (found["level"], found["next_task"], found["next_trials"]) == (0.35, "dms", 321)
    assert list(found["rules"]) == RULES
    rows = table.set_index("learning_rule")
    for rule, one in found["rules"].items():
        assert one["networks"] == rows.networks[rule]
        for name in (*ERRORS, "savings"):
            if rule == LOST:
                assert one[name] is None
            else:
                ends = [rows.loc[rule, f"{name}{end}"] for end in ("", "_low", "_high")]
                assert one[name] == pytest.approx(ends)
    # of bptt, the fourth rule: unseen noise, longer delay, savings
    assert "``bptt`` (n = 7) 0.38 [0.27, 0.50], 0.28 [0.17, 0.40], 0.48 [0.37, 0.60]" in words
    assert f"``{LOST}`` (n = 0) unknown, unknown, unknown" in words
    for number in ("error 0.35", "trials on dms", "within 321 trials"):
        assert number in words


def test_points_are_those_of_the_table(tmp_path):
    table = generalisation()
    errors, savings, retained = panels(figure_of(tmp_path, table).figure)
    drawn_in = [
        {round(x, 9) for line in ax.lines for x in np.atleast_1d(line.get_xdata()) if np.isfinite(x)}
        for ax in (errors, savings, retained)
    ]
    for name in ("error", "error_known_noise", "error_unseen_noise", "error_longer_delay"):
        for end in ("", "_low", "_high"):
            assert {round(x, 9) for x in table[f"{name}{end}"].dropna()} <= drawn_in[0]
    assert {round(x, 9) for x in table.savings.dropna()} <= _middles(savings)
    assert {round(x, 9) for x in table.error_retained.dropna()} <= _middles(retained)
    assert round(table.error.median(), 9) in drawn_in[2], "dotted: before"


def _middles(ax):
    """Return where anything but a bar is drawn along the axis of numbers."""
    found = [line.get_xdata() for line in ax.lines] + [part.get_offsets()[:, 0] for part in ax.collections]
    return {round(float(x), 9) for part in found for x in np.atleast_1d(part) if np.isfinite(x)}


def test_without_a_next_task_the_figure_stands_and_says_so(tmp_path):
    table = generalisation(unknown=TASK)
    figure, found, words = figure_of(tmp_path, table, next_task="")
    figure.draw_without_rendering()
    assert found["next_task"] == "none"
    assert all(found["rules"][rule][name] is None for rule in RULES for name in TASK)
    assert "``bptt`` (n = 7) 0.38 [0.27, 0.50], 0.28 [0.17, 0.40], unknown" in words
