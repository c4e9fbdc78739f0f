"""Learning along a horizon and its end, on tables of which every number is known."""

import numpy as np
import pandas as pd
import pytest

from threefactor.analysis.learning.endings import ALONG, ENDINGS, FOLLOWED, along_table, endings_table

NAN = np.nan
TRIALS = {"theta_33": [0, 2, 6], "short": [0, 2]}
ERRORS = {
    "theta_33": [
        [1.0, 0.8, 0.4],
        [0.9, 0.1, 0.3],
        [0.8, 0.5, NAN],
        [0.7, 0.6, 0.7],
    ],  # the third one diverges
    "short": [[1.0, 0.2], [0.6, 0.3]],
}


def evaluations():
    """Return evaluations.csv of both rules; other columns follow from the error and the number of the network."""
    rows = [
        {
            "learning_rule": rule, "network": n, "trial": trial, "error": error, "accuracy": 1 - error / 2,
            "change_norm": 0.0 if trial == 0 else error + n, "change_rank": NAN if trial == 0 else 2 * error + n,
            "clipped": 0.1 * n if error == error else NAN,
        }
        for rule, several in ERRORS.items()
        for n, errors in enumerate(several)
        for trial, error in zip(TRIALS[rule], errors, strict=True)
    ]  # fmt: skip
    return pd.DataFrame(rows)


def retrained():
    """Return networks.csv of both rules."""
    rows = [
        {
            "learning_rule": rule,
            "network": n,
            "trials": 4 if NAN in errors else TRIALS[rule][-1],
            "diverged": NAN in errors,
        }
        for rule, several in ERRORS.items()
        for n, errors in enumerate(several)
    ]
    return pd.DataFrame(rows)


def test_each_evaluation_is_summed_up_over_the_networks_that_still_learn():
    table = along_table(evaluations())
    assert list(table) == ALONG.names()
    found = table.set_index(["learning_rule", "trial"])
    assert list(found.index) == [
        ("theta_33", 0),
        ("theta_33", 2),
        ("theta_33", 6),
        ("short", 0),
        ("short", 2),
    ]
    assert found.networks.tolist() == [4, 4, 3, 2, 2]
    assert found.error.tolist() == pytest.approx([0.85, 0.55, 0.4, 0.8, 0.25])
    assert found.loc[("theta_33", 2), ["error_low", "error_high"]].tolist() == pytest.approx([0.4, 0.65])
    assert found.loc[("theta_33", 6), ["error_low", "error_high"]].tolist() == pytest.approx([0.35, 0.55])
    assert found.accuracy.tolist() == pytest.approx([0.575, 0.75, 1 - 1.4 / 6, 0.6, 0.875]), "means"
    assert found.change_norm["theta_33", 0] == 0
    assert np.isnan(found.change_rank["theta_33", 0]), "a change of zero has no rank"
    assert found.change_rank["theta_33", 6] == pytest.approx(1.6), "median of 0.8, 1.6 and 4.4"
    assert found.clipped["theta_33", 6] == pytest.approx(0.1)


def test_networks_end_at_their_last_evaluation():
    table = endings_table(evaluations(), retrained())
    assert list(table) == ENDINGS.names()
    found = table.set_index("learning_rule")
    assert found.networks.to_dict() == {"theta_33": 4, "short": 2}
    assert found.trials.to_dict() == {"theta_33": 6, "short": 2}, "the horizon of each rule"
    assert found.diverged.to_dict() == {"theta_33": 1, "short": 0}
    long = found.loc["theta_33"]
    # last errors 0.4, 0.3, 0.5 and 0.7; least errors 0.4, 0.1, 0.5 and 0.6
    assert long[["error_low", "error", "error_high"]].tolist() == pytest.approx([0.375, 0.45, 0.55])
    assert long[["best_error_low", "best_error", "best_error_high"]].tolist() == pytest.approx(
        [0.325, 0.45, 0.525]
    )
    assert long.accuracy == pytest.approx(1 - 1.9 / 8)
    norms = [0.4, 1.3, 2.5, 3.7]
    for end, q in (("_low", 0.25), ("", 0.5), ("_high", 0.75)):
        assert long[f"change_norm{end}"] == pytest.approx(np.quantile(norms, q))
    assert found.error["short"] == pytest.approx(0.25)
    assert found.best_error["short"] == pytest.approx(0.25)


def test_a_network_that_diverges_at_once_ends_where_it_began():
    table = evaluations().query("learning_rule == 'short'").copy()
    lost = (table.network == 1) & (table.trial > 0)
    table.loc[lost, ["accuracy", *FOLLOWED]] = np.nan
    found = endings_table(table, retrained().query("learning_rule == 'short'")).iloc[0]
    assert found.error == pytest.approx((0.2 + 0.6) / 2)
    assert found.change_rank == pytest.approx(0.4), "of the one network whose weights changed"
    assert along_table(table).networks.tolist() == [2, 1]
