"""What the caption of parameter recovery states, from tables of known numbers."""

import numpy as np
import pandas as pd

from threefactor.analysis.recovery.findings import findings
from threefactor.stages.recover.tables import TABLES

NOISES = {
    ("nothing", 0.0, 1): 1e-15,
    ("changes", 1.0, 1): 0.4,
    ("rates", 0.01, 1): 0.2,
    ("rates", 0.01, 2): 0.1,
}


def terms(*rules):
    """Return terms.csv of two terms a rule; the errors of the second rule are twice as large."""
    rows = [
        {"learning_rule": rule, "data": f"{where} {noise} {count}", "noise_in": where, "noise": noise}
        | {"measurements": count, "relative_error": (1 + at) * error, "trials": 60, "recovered": value}
        for at, rule in enumerate(rules)
        for (where, noise, count), error in NOISES.items()
        for value in (1.0, 2.0)
    ]
    return pd.DataFrame(rows, columns=TABLES["terms"].names())


def coverage(**columns):
    """Return coverage.csv of one rule and size of noise."""
    row = {
        "learning_rule": "theta_33",
        "noise": 1.0,
        "repeats": 50,
        "coverage": 0.94,
        "error": 0.4,
        "found": 0.5,
    }
    return pd.DataFrame([row | {"false_alarms": 0.02} | columns], columns=TABLES["coverage"].names())


def test_errors_are_listed_by_rule_and_noise():
    found = findings(terms("theta_33", "random_5"), coverage())
    assert found["rules"] == 2
    assert found["exact"] == {"error": {"theta_33": 1e-15, "random_5": 2e-15}, "terms": 2, "trials": 60}
    once, twice = {"theta_33": 0.2, "random_5": 0.4}, {"theta_33": 0.1, "random_5": 0.2}
    assert found["rates"] == [{"noise": 0.01, "once": once, "twice": twice}]
    assert found["collinear"] == []


def test_coverage_is_a_range_over_rules():
    both = pd.concat(
        [coverage(), coverage(learning_rule="dense", coverage=0.97, false_alarms=np.nan, found=0.9)]
    )
    (found,) = findings(terms("theta_33"), both)["changes"]
    assert found["coverage"] == [0.94, 0.97]
    assert found["found"] == [0.5, 0.5], "a rule of all terms tells nothing of false alarms"
    assert found["false_alarms"] == [0.02, 0.02]
    assert found["repeats"] == 50
    (dense,) = findings(terms("theta_33"), coverage(false_alarms=np.nan))["changes"]
    assert dense["found"] is dense["false_alarms"] is None


def test_rules_with_collinear_terms_are_named():
    lost = pd.DataFrame({"learning_rule": ["other"]})
    found = findings(pd.concat([terms("theta_33"), lost], ignore_index=True), coverage())
    assert found["collinear"] == ["other"]
    assert found["rules"] == 2
    assert list(found["exact"]["error"]) == ["theta_33"]


def test_without_rules_there_is_nothing():
    found = findings(terms(), coverage().iloc[:0])
    assert found == {"rules": 0, "exact": None, "changes": [], "rates": [], "collinear": []}
