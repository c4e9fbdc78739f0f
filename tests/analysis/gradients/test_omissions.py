"""The finding says what the table says, and the opposite when the table says the opposite."""

import re

import numpy as np
import pandas as pd
import pytest

from figures import synthetic as made
from threefactor.analysis.gradients import omissions
from threefactor.derivatives.ablation import ABLATIONS, WHOLE

WARM_UP = 20


def test_every_omitted_term_has_its_words():
    assert set(omissions.TERMS) == set(ABLATIONS) - {WHOLE} == set(omissions.WORDS)


def test_what_is_drawn_is_pooled():
    table = made.omissions()
    terms, windows = omissions.by_term(table), omissions.by_window(table)
    assert set(terms.over) == set(windows.over) == {"median", "robust"}
    assert set(terms.ablation) == set(omissions.TERMS)
    assert set(windows.ablation) == {"window_1", "window_5"}
    assert set(windows.horizon) == {100}


def test_terms_are_named_by_what_they_cost_at_the_last_horizon():
    words = omissions.finding(made.omissions(), WARM_UP)
    first, second = words.split("Under learned_random")
    assert "80 trials of plasticity" in second
    for text, networks in ((first, 12), (second, 11)):
        assert f"median of {networks} networks" in text
        costs = [
            "200 % (0.00) without the clip",
            "40 % (0.80) without ∂R/∂θ,",
            "5 % (0.97) without the indirect",
        ]
        places = [text.index(cost) for cost in costs]
        assert places == sorted(places)
        assert "most without the clip's mask: cosine -0.50, 95 % interval -2.00 to 0.25" in text
        assert "interval of the first error is 100 % to 400 %" in text
        assert "do not tell it" not in text  # 0.25 is below the next cosine
        assert "last 1 and 5 updates costs 95 % and 80 % (cosine 0.53 and 0.60)" in text
    assert "(1 more have no finite gradient)" in second
    assert "more have no finite" not in first
    assert "clip shortens 1.3 %" in first
    assert "differ by 1e-05 %, far below" in words


def test_another_table_says_the_opposite():
    table = made.omissions()
    swapped = table.replace({"ablation": {"clip": "indirect", "indirect": "clip"}})
    swapped.loc[swapped.ablation == "rounding", "error"] = 0.04
    words = omissions.finding(swapped, WARM_UP)
    assert re.search(r"with the exact one\): 200 % \(0.00\) without the indirect terms of z", words)
    assert "most without the indirect terms of z" in words
    assert "the smallest of these may be rounding" in words
    assert "clip's mask: cosine" not in words
    wide = table.assign(cosine_high=table.cosine_high.where(table.ablation != "clip", 0.9))
    assert omissions.finding(wide, WARM_UP).count("do not tell it from the next") == 2


@pytest.mark.parametrize("windows", [True, False])
def test_without_a_finite_gradient_it_says_so(windows):
    table = made.omissions(("theta_33",))
    if not windows:
        table = table[table.window.isna()]
        assert "Seeing only" not in omissions.finding(table, WARM_UP)
    names = [name for name in table if name.startswith(("error", "cosine"))]
    assert omissions.finding(table.assign(**dict.fromkeys(names, np.nan)), WARM_UP).startswith(
        "In no network"
    )
    one = pd.concat([table, made.omissions(("learned_random",)).assign(**dict.fromkeys(names, np.nan))])
    assert "learned_random" not in omissions.finding(one, WARM_UP)


def test_large_errors_are_multiples():
    table = made.omissions(("theta_33",))
    table.loc[table.ablation == "clip", "error"] = 13.4
    assert "13 times its size (0.00) without the clip's mask" in omissions.finding(table, WARM_UP)
