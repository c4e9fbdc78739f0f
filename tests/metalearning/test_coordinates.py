"""Coordinates of theta, there and back."""

import pytest
import torch

from metalearning.odd_rule import odd_rule
from small_runs import DOUBLE
from threefactor.metalearning import coordinates
from threefactor.metalearning.coordinates import CoordinateSystem

TERMS = ((1, 1), (3, 1), (3, 3))
SCALE = torch.tensor([4.0, 0.5, 1.0], dtype=DOUBLE)
BASIS = torch.tensor([[1.0, 0.2, 0.1], [0.2, 0.8, 0.3], [0.1, 0.3, 1.2]], dtype=DOUBLE)


@pytest.mark.parametrize("basis", [None, BASIS])
def test_coordinates_invert_and_gradients_follow_the_chain_rule(basis):
    system, place = CoordinateSystem(TERMS, SCALE, basis), torch.tensor([0.3, -0.2, 0.7], dtype=DOUBLE)
    raw = coordinates.theta(system, place)
    torch.testing.assert_close(coordinates.coordinates(system, raw), place)
    torch.testing.assert_close(coordinates.scaled(system, place) * SCALE, raw)
    target, free = torch.tensor([1.0, 2.0, -3.0], dtype=DOUBLE), place.clone().requires_grad_()
    along = torch.autograd.grad((coordinates.theta(system, free) * target).sum(), free)[0]
    torch.testing.assert_close(coordinates.gradient(system, target), along)


@pytest.mark.parametrize("basis", [None, BASIS])
def test_one_term_is_one_scaled_monomial(basis):
    system = CoordinateSystem(TERMS, SCALE, basis)
    found = coordinates.scaled(system, coordinates.one_term(system, (3, 1), -1.0))
    torch.testing.assert_close(found, torch.tensor([0.0, -1.0, 0.0], dtype=DOUBLE), atol=1e-12, rtol=0)


def test_values_stand_at_their_terms():
    rule = odd_rule([7.0, 7.0, 7.0], TERMS)
    values = torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    found = coordinates.with_theta(rule, values).params.theta
    assert found.shape == (2, 4, 4)
    for p, (k, l) in enumerate(TERMS):
        assert found[:, k, l].tolist() == values[:, p].tolist()
    assert (found != 0).sum() == 6
    assert torch.equal(coordinates.with_theta(rule, values[1]).params.theta, found[1])
