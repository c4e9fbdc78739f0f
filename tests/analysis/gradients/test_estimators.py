"""Statistics of the estimators on samples whose law is known."""

import numpy as np
import pandas as pd
import pytest
import torch

from threefactor import seeding
from threefactor.analysis.gradients import estimator_words, estimators

TERMS = ("13", "33")
TRUTH = torch.tensor([3.0, -4.0], dtype=torch.float64)


def samples(networks=4000, seed=0):
    """Return a truth that differs between networks, and estimators of it: exact, biased, noisy or failing."""
    draw = {"generator": torch.Generator().manual_seed(seed), "dtype": torch.float64}
    truth = TRUTH + 2 * torch.randn(networks, 2, **draw)
    noise = 50 * torch.randn(networks, 2, **draw)
    failing = truth.clone()
    failing[1] = torch.nan
    return {
        "difference": truth,
        "pathwise": truth + 1e-3 * torch.randn(networks, 2, **draw),
        "evolution": truth + torch.tensor([0.0, 1.0]) + 0.5 * torch.randn(networks, 2, **draw),
        "score_total": 1.25 * truth + noise,
        "mean_of_score_total": 1.25 * truth,
        "reverse": failing,
    }


def compared(resamples=40, **options):
    found = samples(**options)
    seconds = dict.fromkeys(found, 0.002)
    tables = estimators.compare(found, TERMS, seconds, resamples, generator=seeding.generator(0, "test"))
    return [table.assign(regime="strong", noise=0.5, horizon=40) for table in tables]


def row(table, estimator, term):
    (found,) = table[(table.estimator == estimator) & (table.term == term)].to_dict("records")
    return found


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


def test_the_robust_average_is_judged_by_draws():
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
        "shortening what is long is a bias that no number of networks averages away"
    )


def test_what_is_needed_counts_bias_and_spread():
    table, _ = compared()
    found = estimators.needed(table).set_index("estimator")
    spread = row(table, "score_total", "norm")
    room = (0.5 * spread["truth"]) ** 2 - spread["bias"] ** 2
    assert found.networks_needed["score_total"] == pytest.approx(spread["deviation"] ** 2 / room)
    assert found.seconds_needed["score_total"] == pytest.approx(
        found.networks_needed["score_total"] * 40 * 0.002
    )
    hopeless = table.assign(bias=table.bias.where(table.estimator != "evolution", 10.0))
    assert np.isinf(estimators.needed(hopeless).set_index("estimator").networks_needed["evolution"])


def test_too_few_finite_networks_are_said_and_not_guessed():
    found = samples(networks=3)
    found["evolution"][:2] = torch.nan
    tables = estimators.compare(
        found, TERMS, dict.fromkeys(found, 1.0), 5, generator=seeding.generator(0, "t")
    )
    table, errors = (t.assign(regime="weak", noise=0.5, horizon=3) for t in tables)
    assert row(table, "evolution", "norm")["failed"] == 2
    assert np.isnan(row(table, "evolution", "norm")["deviation"])
    assert errors[errors.estimator == "evolution"].rmse.isna().all()
    assert "``evolution`` unknown in weak" in words(table, errors)


def words(table, errors):
    return estimator_words.finding(table, errors)


def test_the_finding_says_what_the_numbers_say():
    table, errors = compared()
    text = words(table, errors)
    assert "Double counting (``score_total``) is seen (strong): over 40 trials and 4000 networks" in text
    assert "has this share of the gradient along the gradient itself: 1.25 [1.25, 1.25] (strong)." in text
    assert "take: ``pathwise`` (strong)" in words(
        table.assign(seconds=table.seconds.where(table.estimator != "reverse", 9.0)), errors
    )
    assert "take: ``reverse`` (strong)" in text
    assert "1 of " in text
    hopeless = table.assign(bias=table.bias.where(table.estimator != "evolution", 10.0))
    assert "``evolution`` no number, its bias being larger in strong" in words(hopeless, errors)
    even = table.assign(share=1.0, share_low=0.9, share_high=1.1)
    assert "Double counting (``score_total``) is not seen: " in words(even, errors)
    assert words(table.iloc[:0], errors.iloc[:0]) == "Nothing was estimated."


def test_shares_biases_and_curves_are_of_the_right_rows():
    table, errors = compared()
    assert set(estimators.shares(table).estimator) == {"score_total"}
    biased = estimators.biases(table).set_index(["source", "estimator"])
    assert biased.bias["expected", "score_total"] == pytest.approx(0.25, rel=0.05)
    assert biased.bias["sample", "evolution"] == pytest.approx(-4 / 25, abs=0.01)
    assert "difference" not in biased.index.get_level_values(1)
    curve = estimators.curves(errors)
    assert np.allclose(curve.relative * curve.truth, curve.rmse)
    both = pd.concat([errors, errors.assign(horizon=80)])
    assert set(estimators.curves(both).horizon) == {80}
