"""Coverage, findings in words, and what a rule that nobody can tell does to them."""

import numpy as np
import pandas as pd
import pytest
import torch

from threefactor.analysis.recovery import words
from threefactor.analysis.recovery.coverage import coverage
from threefactor.analysis.recovery.repeats import Repeats
from threefactor.analysis.recovery.table import holm

DOUBLE = torch.float64


def drawn(count, true, widen=1.0):
    """Draw fits whose standard errors are right, but for a factor."""
    source = torch.Generator().manual_seed(3)
    error = torch.tensor([0.1, 0.5, 2.0], dtype=DOUBLE)
    noise = torch.randn(count, 3, generator=source, dtype=DOUBLE)
    freedom = torch.full((3,), 1e6, dtype=DOUBLE)
    return Repeats(true + error * noise, (widen * error).expand(count, -1), freedom), error


def test_coverage_is_that_of_the_error_bars():
    true = torch.tensor([1.0, 0.0, 0.0], dtype=DOUBLE)
    right, unit = drawn(1000, true)
    found = coverage(right, true, unit)
    assert found["coverage_low"] < 0.95 < found["coverage_high"]
    assert found["coverage_high"] - found["coverage_low"] < 0.03
    assert found["found"] == 1
    assert 0.02 < found["false_alarms"] < 0.06, "two terms of three, corrected for three"
    assert found["error"] == pytest.approx(1.54 / 10, rel=0.05), (
        "median of a chi of three by the size of the rule"
    )
    narrow = coverage(drawn(1000, true, 0.5)[0], true, unit)
    assert narrow["coverage"] == pytest.approx(0.673, abs=0.03)
    dense = coverage(drawn(10, true + 1)[0], true + 1, unit)
    assert np.isnan(dense["false_alarms"])


def test_holm_corrects_each_row():
    chance = np.array([[0.01, 0.04, 0.03], [0.5, 0.2, 0.9]])
    assert holm(chance) == pytest.approx(np.array([[0.03, 0.06, 0.06], [1.0, 0.6, 1.0]]))
    assert holm(chance[0]) == pytest.approx(holm(chance)[0])


def table(rule, data, error):
    return pd.DataFrame(
        {"learning_rule": rule, "data": data, "relative_error": error, "trials": 60, "recovered": [1.0, 2.0]}
    )


def test_the_findings_say_what_the_numbers_do():
    data = {"no noise": 1e-15, "changes ± 1 rms": 0.4, "rates ± 0.01": 0.2, "rates ± 0.01, twice": 0.1}
    terms = pd.concat([table("theta_33", name, error) for name, error in data.items()])
    row = {
        "learning_rule": "theta_33",
        "noise": 1.0,
        "repeats": 50,
        "coverage": 0.94,
        "error": 0.4,
        "found": 0.5,
    }
    told = words.finding(terms, pd.DataFrame([row | {"false_alarms": 0.02}]))
    assert "relative errors of ``theta_33`` 1e-15: 2 terms are looked for in 60 trials" in told
    assert "in 94 % of cases; of rules that lack terms 50 % of those that they have are found" in told
    assert "rates ± 0.01: ``theta_33`` 0.2, measured twice ``theta_33`` 0.1." in told
    dense = words.finding(terms, pd.DataFrame([row | {"false_alarms": np.nan}]))
    assert "lack terms" not in dense
    lost = pd.concat([terms, pd.DataFrame({"learning_rule": ["other"]})])
    assert words.finding(lost, pd.DataFrame([row | {"false_alarms": 0.0}])).endswith(
        "of ``other`` cannot tell terms apart."
    )
    assert words.finding(terms.iloc[:0], pd.DataFrame()) == "No rule was hidden."
