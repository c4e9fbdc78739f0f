"""The figure of the ablation, and the numbers in its caption."""

import numpy as np
import pytest

from analysis.gradients import made_up as made
from made import drawn, expect_labelled, texts
from threefactor.pipeline.settings import load

WARM_UP = 20


def figure_of(root, table):
    settings = {"plasticity": {"warm_up_trials": WARM_UP}}
    return drawn(load.parse({**settings, "results": str(root)}), "ablation", {"ablation/ablation.csv": table})


@pytest.fixture(scope="module")
def usual(tmp_path_factory):
    return figure_of(tmp_path_factory.mktemp("ablation"), made.ablation())


def test_every_panel_shows_something(usual):
    expect_labelled(usual.figure)
    assert len(usual.figure.axes) == 6


def test_terms_stand_in_the_order_of_what_they_cost(usual):
    assert usual.findings["trials_of_plasticity"] == 100 - WARM_UP
    assert list(usual.findings["rules"]) == ["theta_33", "learned_random"]
    terms = ("reward", "baseline", "gate", "clip", "indirect", "state")
    wanted = sorted((made.ERRORS[name] for name in terms), reverse=True)
    for lost, rule in enumerate(usual.findings["rules"].values()):
        costs = rule["median_network"]
        assert [cost["error"] for cost in costs] == pytest.approx(wanted)
        assert [cost["cosine"] for cost in costs] == pytest.approx([1 - error / 2 for error in wanted])
        assert (rule["networks"], rule["networks_failed"]) == (12 - lost, lost)
        assert rule["clipped_share_of_updates"] == 0.013
        assert rule["interval_of_largest_error"] == pytest.approx([1, 4])
        average = rule["outer_loop_average"]
        assert average["without"] == costs[0]["without"], "the clip costs most"
        assert average["cosine"] == pytest.approx(1 - 3.0 / 2)
        assert average["interval"] == pytest.approx([-2, 0.25])
        assert average["is_told_from_the_next"]
        cut = rule["truncation"]
        assert cut["updates"] == [1, 5]
        assert cut["errors"] == pytest.approx([0.95, 0.8])
        assert cut["cosines_of_outer_loop_average"] == pytest.approx([1 - 1.5 * 0.95 / 2, 1 - 1.5 * 0.8 / 2])
    for words in (
        "80 trials",
        "200 % (0.00)",
        "40 % (0.80)",
        "1.3 %",
        "-2.00 to 0.25",
        "100 % to 400 %",
        "1e-05 %",
    ):
        assert words in usual.words
    assert usual.findings["rounding"] == {"error": pytest.approx(1e-7), "is_far_below_all_errors": True}


def test_another_table_gives_the_opposite(tmp_path):
    table = made.ablation().replace({"ablation": {"clip": "indirect", "indirect": "clip"}})
    table.loc[table.ablation == "rounding", "error"] = 0.04
    swapped = figure_of(tmp_path, table)
    rule = swapped.findings["rules"]["theta_33"]
    assert rule["median_network"][0]["without"] == "the indirect terms of z"
    assert rule["outer_loop_average"]["without"] == "the indirect terms of z"
    assert not swapped.findings["rounding"]["is_far_below_all_errors"]
    wide = made.ablation()
    wide.loc[wide.ablation == "clip", "cosine_high"] = 0.9
    averages = [one["outer_loop_average"] for one in figure_of(tmp_path, wide).findings["rules"].values()]
    assert not any(average["is_told_from_the_next"] for average in averages)


def test_large_errors_are_multiples(tmp_path):
    table = made.ablation(("theta_33",))
    table.loc[table.ablation == "clip", "error"] = 13.4
    assert "13 times" in figure_of(tmp_path, table).words


def test_without_intervals_windows_or_an_average_nothing_is_said_of_them(tmp_path):
    table = made.ablation(("theta_33",))
    table.loc[table.window.isna() & (table.over == "clipped"), "error"] = np.nan
    ends = [name for name in table if name.endswith(("_low", "_high"))]
    bare = figure_of(tmp_path, table[table.window.isna()].assign(**dict.fromkeys(ends, np.nan)))
    rule = bare.findings["rules"]["theta_33"]
    assert not rule["has_interval"]
    assert rule["truncation"] is None
    assert rule["outer_loop_average"] is None
    assert "nan" not in bare.words.lower()


def test_a_rule_without_a_finite_gradient_is_left_out(tmp_path):
    table = made.ablation()
    values = [name for name in table if name.startswith(("error", "cosine"))]
    table.loc[table.learning_rule == "learned_random", values] = np.nan
    assert list(figure_of(tmp_path, table).findings["rules"]) == ["theta_33"]
    none = figure_of(tmp_path, table.assign(**dict.fromkeys(values, np.nan)))
    assert none.findings["rules"] == {}
    assert texts(none.figure)
    assert none.words
