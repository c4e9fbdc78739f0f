import numpy as np
import pytest

from figures import synthetic as made
from threefactor.analysis.gradients import accuracy


def test_differences_are_summarised_by_step_beside_the_tangents():
    found = accuracy.by_step(made.accuracy(), "weight_tangent").set_index(["trial", "gain", "step_size"])
    row = found.loc[(20, 1.5, 1e-4)]  # of six lifetimes: 1, 1, and four of a half
    assert (row.low, row.middle, row.high) == pytest.approx((10e-8, 10e-8, 20e-8))
    assert row.lifetimes == 6
    assert row.exact == pytest.approx(30e-15)
    assert set(found.index.get_level_values("trial")) == {1, 10, 20}
    assert 1 not in set(accuracy.by_step(made.accuracy(), "reward_tangent").trial)


def test_the_error_of_a_lifetime_is_its_worst_at_the_last_trial_and_the_best_step():
    table = made.accuracy()
    hard = (table.learning_rule == "theta_33") & (table.network == 1) & (table.quantity == "reward_tangent")
    table.loc[hard & (table.step_size == 1e-4), "relative_error"] = 1.0
    found = accuracy.lifetimes(table).set_index(["learning_rule", "gain", "network", "precision", "method"])
    assert found.loc[("theta_33", 1.5, 0, "float64", "difference"), "step_size"] == 1e-4
    row = found.loc[("theta_33", 1.5, 1, "float64", "difference")]
    assert (row.step_size, row.relative_error) == pytest.approx((1e-3, 20e-6))
    assert len(found) == 8 * 5
    by_rule = accuracy.by(table, "learning_rule").set_index(["learning_rule", "precision", "method"])
    assert by_rule.loc[("random_2", "float32", "complex_step"), "lifetimes"] == 4


def test_the_finding_says_what_the_numbers_say():
    words = accuracy.finding(made.accuracy(), made.growth())
    assert "tangents equal what reverse mode" in words
    assert "over 8 lifetimes of up to 20 trials" in words
    assert "at most 4e-14 from reverse mode, 2e-14 from autograd, 6e-14 from the complex step." in words
    assert "4e-5" in words
    assert "are off by 1e-7 in the median and 2e-7 in the worst of them" in words
    assert (
        "step 0.0001, which serves all of them best, leaves 2e-7 in the worst, step 0.001 leaves 2e-5."
        in words
    )
    assert "-0.4/s (g = 0.9) and +0.2/s (g = 1.5), which is chaotic" in words
    assert "from 2e-14 to 3e-14 (tangents), from 6e-8 to 1e-7 (best differences)" in words
    assert "not finite" not in words


def test_the_finding_says_the_opposite_of_wrong_tangents():
    table = made.accuracy()
    table.loc[(table.method == "reverse") & (table.network == 1), "relative_error"] = 0.02
    assert "tangents do NOT equal, to 1e-10, what reverse mode" in accuracy.finding(table, made.growth())


def test_a_complex_step_of_another_rounding_is_told_from_wrong_tangents():
    table = made.accuracy()
    table.loc[(table.method == "complex_step") & (table.network == 1), "relative_error"] = 1e-9
    words = accuracy.finding(table, made.growth())
    assert "tangents equal what reverse mode" in words
    assert "1e-9 from the complex step, whose lifetime rounds otherwise" in words


def test_failures_are_counted_and_an_empty_table_is_said_to_be_empty():
    table = made.accuracy()
    lost = (table.learning_rule == "theta_33") & (table.network == 0)
    table.loc[lost & (table.method == "difference"), "relative_error"] = np.inf
    words = accuracy.finding(table, made.growth())
    assert "In 1 of 8 lifetimes a derivative was not finite" in words
    assert "tangents equal" in words
    assert np.isfinite(accuracy.summary(table, made.growth()).steps.high).all()
    assert accuracy.finding(table.iloc[:0], made.growth()) == "No derivative could be compared."


def test_a_table_without_differences_and_exponents_is_told_without_them():
    table, grown = made.accuracy(), made.growth().assign(lyapunov_exponent=np.nan)
    words = accuracy.finding(table[table.method != "difference"], grown)
    assert "tangents equal" in words
    assert "ifferences" not in words
    assert "Lyapunov" not in words


def test_exponents_are_those_before_and_after_learning():
    grown = made.growth()
    grown.loc[(grown.trial == 0), "lyapunov_exponent"] -= 1
    found = accuracy.exponents(grown).set_index(["gain", "when"])
    assert found.loc[(1.5, "before"), "middle"] == pytest.approx(-0.8)
    assert found.loc[(1.5, "after"), "middle"] == pytest.approx(0.2)
    assert len(found) == 4
    assert accuracy.curves(grown).set_index(["gain", "trial"]).loc[(0.9, 7), "middle"] == pytest.approx(0.7)
