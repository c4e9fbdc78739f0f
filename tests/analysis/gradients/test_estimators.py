"""Statistics of the estimators on samples whose law is known."""

import numpy as np
import pytest
import torch

from analysis.gradients.known_samples import TERMS, TRUTH, compared, row, samples
from threefactor import seeding
from threefactor.analysis.gradients import estimators


def test_biases_are_found_with_intervals_that_hold_them():
    table, _ = compared()
    for term, bias in zip(TERMS, (0.0, 1.0), strict=True):
        found = row(table, "evolution", term)
        assert found["bias"] == pytest.approx(bias, abs=0.04)
        assert found["bias_low"] < bias < found["bias_high"]
        assert found["bias_high"] - found["bias_low"] == pytest.approx(2 * 1.96 * 0.5 / 4000**0.5, rel=0.1)
        assert found["truth"] == pytest.approx(float(TRUTH[TERMS.index(term)]), abs=0.1)
        assert found["deviation"] == pytest.approx(2.06, rel=0.05)
    along = row(table, "evolution", "along")
    assert along["bias"] == pytest.approx(-4 / 5, abs=0.03)
    assert along["share"] == pytest.approx(1 - 4 / 25, abs=0.01)


def test_where_the_mean_is_known_the_bias_is_seen_through_the_noise():
    table, _ = compared()
    found = row(table, "score_total", "along")
    assert found["share"] == pytest.approx(1.25)
    assert found["share_high"] - found["share_low"] < 1e-9, "mean and truth have one ratio in every network"
    assert found["bias_high"] - found["bias_low"] > 1
    assert found["expected_bias"] == pytest.approx(0.25 * 5, rel=0.05)


def test_norms_and_failures():
    table, _ = compared()
    assert row(table, "pathwise", "norm")["bias"] == pytest.approx(0, abs=1e-3)
    assert row(table, "evolution", "norm")["bias"] == pytest.approx(1, rel=0.05)
    assert row(table, "score_total", "norm")["deviation"] == pytest.approx(50 * 2**0.5, rel=0.05)
    assert row(table, "evolution", "norm")["cosine"] == pytest.approx(15 / 5 / 18**0.5 * 21 / 15, rel=0.02)
    assert row(table, "reverse", "norm")["failed"] == 1
    assert row(table, "pathwise", "norm")["failed"] == 0


def test_errors_fall_with_networks_down_to_the_bias():
    table, errors = compared()
    for estimator in ("pathwise", "evolution", "score_total"):
        own, norm = errors[errors.estimator == estimator], row(table, estimator, "norm")
        assert np.allclose(own.rmse**2, norm["bias"] ** 2 + norm["deviation"] ** 2 / own.networks)
    rows = errors[errors.estimator == "evolution"]
    assert rows.rmse.iloc[-1] == pytest.approx(1, rel=0.06)


def test_the_error_of_the_average_of_clipped_gradients_is_that_of_draws():
    """Of gradients that all have one norm it is the plain mean; of one network too."""
    angle = torch.rand(3000, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    even = torch.stack([angle.cos(), angle.sin()], 1)
    found = {"difference": even, "pathwise": even}
    _, errors = estimators.compare(
        found, TERMS, dict.fromkeys(found, 1.0), 300, generator=seeding.generator(0, "t")
    )
    own = errors[errors.estimator == "pathwise"]
    assert np.allclose(own.rmse_clipped / own.rmse, 1, atol=0.15)
    long = even.clone()
    long[::10] *= 100
    _, errors = estimators.compare(
        {"difference": long}, TERMS, {"difference": 1.0}, 60, generator=seeding.generator(0, "t")
    )
    last = errors.iloc[-1]
    shift = float((even.mean(0) - long.mean(0)).norm())
    assert last.rmse_clipped == pytest.approx(shift, rel=0.1)
    assert last.rmse_clipped > last.rmse, (
        "clipping what is long is a bias that no number of networks averages away"
    )


def test_too_few_finite_networks_are_unknown_and_not_guessed():
    found = samples(networks=3)
    found["evolution"][:2] = torch.nan
    source = seeding.generator(0, "t")
    table, errors = estimators.compare(found, TERMS, dict.fromkeys(found, 1.0), 5, generator=source)
    assert row(table, "evolution", "norm")["failed"] == 2
    assert np.isnan(row(table, "evolution", "norm")["deviation"])
    assert errors[errors.estimator == "evolution"].rmse.isna().all()
