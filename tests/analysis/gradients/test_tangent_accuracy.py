"""What is summarised of the accuracy of tangents."""

import numpy as np
import pytest

from analysis.gradients import made_up as made
from threefactor.analysis.gradients import tangent_accuracy


def test_differences_are_summarised_by_step_beside_the_tangents():
    found = tangent_accuracy.by_step(made.accuracy(), "weight_tangent").set_index(
        ["trial", "gain", "step_size"]
    )
    row = found.loc[(20, 1.5, 1e-4)]  # of six learning runs: 1, 1, and four of a half
    assert (row.low, row.middle, row.high) == pytest.approx((10e-8, 10e-8, 20e-8))
    assert row.runs == 6
    assert row.exact == pytest.approx(30e-15)
    assert set(found.index.get_level_values("trial")) == {1, 10, 20}
    assert 1 not in set(tangent_accuracy.by_step(made.accuracy(), "reward_tangent").trial)


def test_the_error_of_a_learning_run_is_its_largest_at_the_last_trial_and_the_best_step():
    table = made.accuracy()
    hard = (table.learning_rule == "theta_33") & (table.network == 1) & (table.quantity == "reward_tangent")
    table.loc[hard & (table.step_size == 1e-4), "relative_error"] = 1.0
    found = tangent_accuracy.largest(table).set_index(
        ["learning_rule", "gain", "network", "precision", "method"]
    )
    assert found.loc[("theta_33", 1.5, 0, "float64", "difference"), "step_size"] == 1e-4
    row = found.loc[("theta_33", 1.5, 1, "float64", "difference")]
    assert (row.step_size, row.relative_error) == pytest.approx((1e-3, 20e-6))
    assert len(found) == 8 * 5
    by_rule = tangent_accuracy.by(table, "learning_rule").set_index(["learning_rule", "precision", "method"])
    assert by_rule.loc[("random_2", "float32", "complex_step"), "runs"] == 4


def test_exponents_are_those_before_and_after_learning():
    grown = made.growth()
    grown.loc[(grown.trial == 0), "lyapunov_exponent"] -= 1
    found = tangent_accuracy.exponents(grown).set_index(["gain", "when"])
    assert found.loc[(1.5, "before"), "middle"] == pytest.approx(-0.8)
    assert found.loc[(1.5, "after"), "middle"] == pytest.approx(0.2)
    assert len(found) == 4
    assert tangent_accuracy.curves(grown).set_index(["gain", "trial"]).loc[
        (0.9, 7), "middle"
    ] == pytest.approx(0.7)


def test_errors_that_are_not_finite_are_in_no_summary():
    table = made.accuracy()
    table.loc[(table.method == "difference") & (table.network == 0), "relative_error"] = np.inf
    found = tangent_accuracy.summary(table, made.growth())
    assert np.isfinite(found.steps.high).all()
    assert set(found.rules[found.rules.method == "difference"].runs) == {1, 2}


def test_the_largest_error_is_told_by_method_and_by_step():
    table = made.accuracy()
    exact = tangent_accuracy.largest_by_method(table)
    assert exact == pytest.approx({"autograd": 2e-14, "complex_step": 6e-14, "reverse": 4e-14})
    assert tangent_accuracy.largest_by_step(table) == pytest.approx({1e-3: 2e-5, 1e-4: 2e-7})


def test_errors_at_the_extreme_exponents_are_medians_of_the_networks_there():
    ends = tangent_accuracy.at_extreme_exponents(tangent_accuracy.largest(made.accuracy()), made.growth())
    assert ends.exponent.tolist() == pytest.approx([-0.4, 0.2])
    assert ends.gain.tolist() == [0.9, 1.5]
    assert ends.tangents.tolist() == pytest.approx([1.8e-14, 3e-14])
    assert ends.differences.tolist() == pytest.approx([6e-8, 1e-7])
    one = made.growth().assign(lyapunov_exponent=0.1)
    assert tangent_accuracy.at_extreme_exponents(tangent_accuracy.largest(made.accuracy()), one).empty
