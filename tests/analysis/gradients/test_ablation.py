"""Which rows of the ablation are shown."""

import pytest

from analysis.gradients import made_up as made
from threefactor.analysis.gradients import ablation
from threefactor.derivatives.ablation import ABLATIONS, ROUNDING, WHOLE


def test_every_ablated_term_is_shown():
    assert set(ablation.TERMS) == set(ABLATIONS) - {WHOLE}
    assert ablation.ROUNDING == ROUNDING


def test_what_is_drawn_is_pooled():
    table = made.ablation()
    terms, windows = ablation.by_term(table), ablation.by_window(table)
    assert set(terms.over) == set(windows.over) == {"median", "clipped"}
    assert set(terms.ablation) == set(ablation.TERMS)
    assert set(windows.ablation) == {"window_1", "window_5"}
    assert set(windows.horizon) == {100}


def test_rows_of_a_rule_are_those_of_the_last_horizon():
    rows = ablation.at_last_horizon(made.ablation(), "learned_random", "clipped")
    assert ablation.terms_of(rows).error["clip"] == pytest.approx(3.0)
    assert ablation.windows_of(rows).window.tolist() == [1, 5]
    assert ablation.terms_of(rows).index.tolist() == list(ablation.TERMS)


def test_rounding_is_far_below_the_errors_or_not():
    table = made.ablation()
    assert ablation.rounding(table) == (pytest.approx(1e-7), True)
    table.loc[table.ablation == "rounding", "error"] = 0.04
    assert ablation.rounding(table) == (pytest.approx(0.04), False)
