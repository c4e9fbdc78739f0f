"""Factors, their subspaces and the exchange of their levels."""

import numpy as np
import pytest

from threefactor import seeding
from threefactor.analysis.solutions.factors import (
    Factor,
    added,
    basis,
    combined,
    exchanged_levels,
    require_nesting,
    spanned,
)

RULE = np.array([0, 0, 1, 1, 2, 2])
NETWORK = np.array([4, 7, 4, 7, 4, 9])
GAIN = np.array([0, 1, 0, 1, 0, 1])


def test_a_basis_is_orthonormal_and_has_the_rank_of_its_columns():
    columns = np.random.default_rng(0).normal(size=(7, 2)) @ np.random.default_rng(1).normal(size=(2, 4))
    found = basis(columns)
    assert found.shape == (7, 2)
    np.testing.assert_allclose(found.T @ found, np.eye(2), atol=1e-12)
    np.testing.assert_allclose(found @ (found.T @ columns), columns, atol=1e-12)
    assert basis(np.zeros((3, 2))).shape == (3, 0)


def test_what_a_factor_adds_is_orthogonal_to_the_others_and_a_nested_one_hides_its_outer():
    others = spanned(6, np.zeros((6, 0)), [Factor("rule", RULE)])
    gain, network = np.eye(2)[GAIN], np.eye(3)[np.unique(NETWORK, return_inverse=True)[1]]
    found = added(gain, others)
    assert found.shape == (6, 1)
    np.testing.assert_allclose(others.T @ found, 0, atol=1e-12)
    with_network = spanned(6, np.zeros((6, 0)), [Factor("rule", RULE), Factor("network", NETWORK)])
    assert added(gain, with_network).shape[1] == 0
    assert added(network, spanned(6, np.zeros((6, 0)), [Factor("gain", GAIN)])).shape[1] == 1


def test_covariates_count_in_any_unit():
    values = np.random.default_rng(2).normal(size=(6, 2))
    small, usual = (spanned(6, scale * values + 3, ()) for scale in (1e-9, 1.0))
    assert small.shape == (6, 3)
    np.testing.assert_allclose(small @ small.T, usual @ usual.T, atol=1e-6)  # 3 + 1e-9 keeps seven digits


def test_combinations_are_those_that_occur():
    found = combined(6, [Factor("rule", RULE), Factor("gain", GAIN)])
    assert len(np.unique(found)) == 6
    assert combined(6, [Factor("gain", GAIN)]).tolist() == GAIN.tolist()
    assert combined(6, []).tolist() == [0] * 6


def test_levels_move_with_whole_units():
    found = exchanged_levels(GAIN, NETWORK, 200, generator=seeding.generator(0))
    assert all(len(np.unique(row[unit == NETWORK])) == 1 for row in found for unit in (4, 7, 9))
    of_units = found[:, [0, 1, 5]]
    assert (np.sort(of_units, 1) == [0, 1, 1]).all()  # units 4, 7 and 9 have gains 0, 1 and 1
    assert len(np.unique(of_units, axis=0)) == 3


def test_false_nesting_is_refused():
    require_nesting([Factor("network", NETWORK, "gain"), Factor("gain", GAIN)])
    with pytest.raises(ValueError, match="must be nested in it"):
        require_nesting([Factor("network", NETWORK, "rule"), Factor("rule", RULE)])
    with pytest.raises(ValueError, match="must be one of"):
        require_nesting([Factor("network", NETWORK, "gian")])
