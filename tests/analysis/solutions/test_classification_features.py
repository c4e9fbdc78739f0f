"""Features of networks."""

import numpy as np
import pytest
import torch

from threefactor import seeding
from threefactor.analysis.solutions.classification_features import (
    standardised_within,
    subset_features,
    trajectory_features,
    unit_statistics,
)

FACTORS = {"first": [0, 0, 1, 1], "second": [0, 1, 0, 1]}


def rates():
    return torch.randn(3, 4, 5, 6, generator=seeding.generator(0), dtype=torch.float64)


def test_statistics_of_a_unit_equal_the_loop():
    found = unit_statistics(rates(), FACTORS)
    assert found.shape == (3, 6, 5)
    one = rates()[1, :, :, 2].numpy()
    assert found[1, 2, 0] == pytest.approx(one.mean())
    assert found[1, 2, 1] == pytest.approx(one.std())
    assert found[1, 2, 2] == pytest.approx(np.abs(np.diff(one, axis=1)).mean())
    for at, signs in ((3, [-1, -1, 1, 1]), (4, [-1, 1, -1, 1])):
        slope = (np.array(signs)[:, None] * one).mean(0)
        assert found[1, 2, at] == pytest.approx((slope**2).sum() / one.var(0).sum())


def test_a_silent_unit_follows_no_factor():
    silent = rates()
    silent[..., 0] = 0
    assert (unit_statistics(silent, FACTORS)[:, 0] == 0).all()


def test_a_subset_holds_its_share_of_each_network_and_does_not_know_the_order_of_units():
    statistics = torch.arange(40.0, dtype=torch.float64)[None, :, None].repeat(200, 1, 1)
    found = subset_features(statistics, 0.05, generator=seeding.generator(0))
    low, high = (found[:, 0] + sign * found[:, 1] / 2**0.5 for sign in (-1, 1))  # two of 40 units
    assert ((low >= -1e-9) & (high <= 39 + 1e-9) & (high - low > 0.5)).all()
    np.testing.assert_allclose(high, high.round(), atol=1e-9)
    assert len(np.unique(found[:, 0].numpy())) > 30
    whole = unit_statistics(rates(), FACTORS)
    order = torch.randperm(6, generator=seeding.generator(1))
    one, other = (subset_features(x, 1.0, generator=seeding.generator(0)) for x in (whole, whole[:, order]))
    torch.testing.assert_close(one, other)


def test_trajectories_have_values_and_drifts():
    observables = {"error": np.array([[3.0, 1, 0]]), "norm": np.array([[0.0, 2, 6]])}
    found = trajectory_features(observables, np.array([0.0, 10, 30]))
    np.testing.assert_allclose(found, [[3, 1, 0, -0.2, -0.05, 0, 2, 6, 0.2, 0.2]])


def test_strata_are_standardised_apart():
    features = np.random.default_rng(0).normal(size=(10, 2)) * np.array([1, 9]) + 4
    features[:, 1] = np.where(np.arange(10) < 4, 7.0, features[:, 1])
    strata = np.array([0] * 4 + [1] * 6)
    found = standardised_within(features, strata)
    for value in (0, 1):
        np.testing.assert_allclose(found[strata == value].mean(0), 0, atol=1e-12)
    np.testing.assert_allclose(found[strata == 1].std(0), 1)
    np.testing.assert_allclose(found[strata == 0].std(0), [1, 0])
