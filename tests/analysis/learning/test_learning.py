import numpy as np
import pandas as pd
import pytest

from figures import synthetic as made
from threefactor.analysis.landscape.quantiles import relative_spectrum
from threefactor.analysis.learning import coefficients
from threefactor.analysis.learning.headline import headline
from threefactor.analysis.learning.learning_curve import curve, trailing_mean


def test_trailing_mean_equals_the_slow_loop_and_holds_after_stopping():
    values = np.random.default_rng(0).normal(size=(3, 30))
    values[1, 12:], values[2, 2:] = np.nan, np.nan
    trials = np.array([1, 4, 11, 12, 13, 30])
    fast = trailing_mean(values, trials, 5)
    for b, stop in enumerate((30, 12, 2)):
        for s, h in enumerate(trials):
            end = min(h, stop)
            assert fast[b, s] == pytest.approx(values[b, max(0, end - 5) : end].mean(), abs=1e-13)


def test_a_network_without_trials_is_nan_and_left_out_of_the_curve():
    error = np.array([[0.5, 0.7], [np.nan, np.nan]])
    assert np.isnan(trailing_mean(error, np.array([1, 2]), 5)[1]).all()
    assert curve(error, error, 5).error.tolist() == [0.5, 0.6]
    assert curve(error[1:], error[1:], 5).empty


def test_growth_puts_k_on_the_rate_and_l_on_the_deviation():
    theta = np.zeros((3, 3))
    theta[1, 2] = -4.0
    rate, deviation = np.array([0.5, 1.0]), np.array([-1.0, 0.5, 0.1])
    expected = -4 * rate[:, None] * deviation**2
    assert np.allclose(coefficients.growth(theta, rate, deviation), expected / 4, rtol=1e-14)
    table = pd.DataFrame({"k": [1], "l": [2], "theta": [-4.0]})
    assert np.array_equal(np.nan_to_num(coefficients.as_grid(table, "theta")), theta)


def test_relative_spectrum_starts_at_one_and_survives_no_change():
    table = made.spectrum()
    table.loc[(table.learning_rule == "bptt") & (table.network == 0), "singular_value"] = 0.0
    found = relative_spectrum(table)
    assert (found[found["index"] == 1].middle == 1).all()


def test_headline_has_the_documented_keys_and_only_json_numbers():
    found = headline(
        made.criterion(),
        {"learned_random": made.theta()},
        {"learned_random": made.history("learned_random")},
        made.accuracy(),
        made.aligned(),
        made.spread(),
        made.permanova(),
    )
    assert found["networks"] == len(made.RULES) * made.NETWORKS
    assert found["learning"]["theta_11"]["median_trials"] is None
    assert isinstance(found["learning"]["theta_33"]["networks"], int)
    assert found["tangents"]["float64"]["difference"]["reward_tangent"] == pytest.approx(20e-8)
    assert found["meta_learning"]["learned_random"]["theta"].keys() == {
        f"{pre}{post}" for pre, post in made.POWERS
    }
    assert found["spread"]["cka"]["bptt"]["ratio_to_bptt"] is None
    assert found["solution_classes"]["cka"]["permanova"]["learning_rule"]["effect"] == 0.21


def test_headline_of_no_analysed_rule_is_empty_there():
    empty = made.spread().iloc[:0], made.permanova().iloc[:0]
    found = headline(made.criterion(), {}, {}, made.accuracy(), made.aligned(), *empty)
    assert found["spread"] == {"cka": {}, "procrustes": {}}
    assert found["meta_learning"] == {}
