"""The figure of the tangents' accuracy, and the numbers in its caption."""

import numpy as np
import pandas as pd
import pytest

from analysis.gradients import made_up as made
from made import drawn, expect_labelled, texts
from threefactor.pipeline.settings import load

PANELS = 3 + 2 + 2
EXACT = ("autograd", "complex_step", "reverse")


def figure_of(root, table=None, growth=None):
    table = made.accuracy() if table is None else table
    growth = made.growth() if growth is None else growth
    tables = {"validate/accuracy.csv": table, "validate/growth.csv": growth}
    return drawn(load.parse({"results": str(root)}), "tangent_accuracy", tables)


@pytest.fixture(scope="module")
def usual(tmp_path_factory):
    return figure_of(tmp_path_factory.mktemp("accuracy"))


def test_every_panel_shows_something(usual):
    expect_labelled(usual.figure)
    assert len(usual.figure.axes) == 7


def test_errors_are_those_of_the_table(usual):
    table, found = made.accuracy(), usual.findings
    double = table[table.precision == "float64"]
    for method in EXACT:
        wanted = double[double.method == method].relative_error.max()
        assert found["largest_error_against"][method] == pytest.approx(wanted)
        assert f"{wanted:.0e}".replace("e-0", "e-") in usual.words
    assert found["equals_reverse_mode"]
    assert not found["complex_step_rounds_otherwise"]
    assert (found["learning_runs"], found["trials"]) == (8, 20)
    assert "8 learning runs of up to 20 trials" in usual.words
    last = table[table.trial == 20]
    single = (
        last[last.precision == "float32"].groupby(["learning_rule", "gain", "network"]).relative_error.max()
    )
    assert found["float32"] == pytest.approx({"median": single.median(), "largest": single.max()})
    fine = last[last.step_size == 1e-4].groupby(["learning_rule", "gain", "network"]).relative_error.max()
    off = found["differences"]
    assert off["at_best_step"] == pytest.approx({"median": fine.median(), "largest": fine.max()})
    assert off["best_step_for_all"] == pytest.approx({"step": 1e-4, "largest": 2e-7})
    assert off["worst_step_for_all"] == pytest.approx({"step": 1e-3, "largest": 2e-5})
    assert found["chaos"]["is_chaotic"]
    assert "-0.4/s (g = 0.9)" in usual.words
    assert "+0.2/s (g = 1.5)" in usual.words
    assert found["learning_runs_failed"] == 0


def test_wrong_tangents_are_told_from_a_complex_step_of_another_rounding(tmp_path):
    table = made.accuracy()
    table.loc[(table.method == "reverse") & (table.network == 1), "relative_error"] = 0.02
    wrong = figure_of(tmp_path, table)
    assert not wrong.findings["equals_reverse_mode"]
    assert "NOT" in wrong.words
    table = made.accuracy()
    table.loc[(table.method == "complex_step") & (table.network == 1), "relative_error"] = 1e-9
    rounded = figure_of(tmp_path, table).findings
    assert rounded["equals_reverse_mode"]
    assert rounded["complex_step_rounds_otherwise"]


def test_derivatives_that_are_lost_are_counted(tmp_path):
    table = made.accuracy()
    lost = (table.learning_rule == "theta_33") & (table.network == 0)
    table.loc[lost & (table.method == "difference"), "relative_error"] = np.inf
    found = figure_of(tmp_path, table)
    assert (found.findings["learning_runs_failed"], found.findings["learning_runs_in_all"]) == (1, 8)
    assert "1 of 8" in found.words
    assert found.findings["equals_reverse_mode"]


def test_without_differences_and_exponents_nothing_is_said_of_them(tmp_path):
    table = made.accuracy()
    bare = figure_of(
        tmp_path, table[table.method != "difference"], made.growth().assign(lyapunov_exponent=np.nan)
    )
    assert bare.findings["differences"] is None
    assert bare.findings["chaos"] is None
    assert "ifferences" not in bare.words
    assert "Lyapunov" not in bare.words
    assert texts(bare.figure)


def test_one_trial_has_ticks_at_whole_numbers(tmp_path):
    one = figure_of(tmp_path, made.accuracy((1,)), made.growth(1)).figure
    ticks = one.axes[4].get_xticks()
    assert one.axes[4].get_xlabel() == "trial of learning"
    assert (ticks == ticks.round()).all()


def test_a_table_without_a_row_says_so(tmp_path):
    nothing = figure_of(tmp_path, pd.DataFrame(columns=list(made.accuracy())))
    assert nothing.findings["learning_runs"] == 0
    assert texts(nothing.figure)
    assert nothing.words
