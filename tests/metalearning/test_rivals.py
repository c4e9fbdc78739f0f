"""Hand-made rules and the draws of their constants."""

import math

import pytest
import torch

from threefactor.metalearning import rivals

TERMS = [(1, 1), (1, 2), (3, 3)]
CORRELATION = torch.tensor([[1.0, 0.2, -0.6], [0.2, 1, 0.1], [-0.6, 0.1, 1]], dtype=torch.float64)
BOUNDS = {"plasticity.clip": (0.25, 4.0), "plasticity.trace_decay": (0.3, 10.0)}
USUAL = {"plasticity.clip": 0.002, "plasticity.trace_decay": 0.03}


def size(scaled):
    return (scaled @ CORRELATION @ scaled).sqrt().item()


def test_every_term_is_a_rule_and_even_powers_of_the_deviation_are_tried_with_both_signs():
    found = rivals.monomials(TERMS)
    assert [one.name for one in found] == ["theta_11", "+theta_12", "-theta_12", "theta_33"]
    assert torch.stack([one.first for one in found]).tolist() == [
        [-1, 0, 0],
        [0, 1, 0],
        [0, -1, 0],
        [0, 0, -1],
    ]


def test_the_usual_point_gives_the_usual_constants_and_the_weight_change_of_theta_33():
    point = rivals.usual_point(BOUNDS, 1.0, is_sum=False)
    assert rivals.constants(USUAL, BOUNDS, point) == pytest.approx(USUAL)
    for one in rivals.monomials(TERMS):
        torch.testing.assert_close(rivals.coefficients(one, point, CORRELATION), one.first)


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_ends_of_the_cube_are_the_bounds(share):
    point = torch.full((4,), share, dtype=torch.float64)
    end = -1 if share else 0
    expected = {key: USUAL[key] * BOUNDS[key][end] for key in BOUNDS}
    assert rivals.constants(USUAL, BOUNDS, point) == pytest.approx(expected)
    single = rivals.coefficients(rivals.monomials(TERMS)[0], point, CORRELATION)
    assert size(single) == pytest.approx(rivals.STRENGTH[end])


def test_sums_are_of_each_two_and_mix_them_at_equal_weight_change():
    one, _, _, other = rivals.monomials(TERMS)
    first, *others = rivals.sums([one, other, one])
    assert len(others) == 2
    assert first.name == "theta_11 and theta_33"
    equal = rivals.coefficients(first, rivals.usual_point(BOUNDS, 1.0, is_sum=True), CORRELATION)
    assert equal[0] == pytest.approx(equal[2])
    for share in (0.1, 0.5, 0.8):
        point = torch.tensor(
            [rivals.usual_point(BOUNDS, 1.0, is_sum=True)[0], share, 0.5, 0.5], dtype=torch.float64
        )
        mixed = rivals.coefficients(first, point, CORRELATION)
        assert size(mixed) == pytest.approx(1)
        angle = math.pi * (share - 0.5)
        assert mixed[2] / mixed[0] == pytest.approx(math.tan(angle), abs=1e-12)


def test_a_whole_theta_has_its_own_strength():
    theta = torch.tensor([0.5, -1.0, 2.0], dtype=torch.float64)
    whole = rivals.Rival("least squares", theta, strength=rivals.strength(theta, CORRELATION))
    for strength in rivals.STRENGTHS:
        point = rivals.usual_point(BOUNDS, strength, is_sum=False)
        torch.testing.assert_close(rivals.coefficients(whole, point, CORRELATION), strength * theta)
