"""Slow points, apart from fixed points."""

import math

import pytest
import torch

from random_numbers import noise
from threefactor.analysis.landscape import fixed_points, slow_points

GAIN = 1.8
CORNER = math.atanh(math.sqrt(1 - 1 / GAIN))  # where the slope of g tanh(x) is 1
SETTINGS = {"steps": 200, "tolerance": 1e-10}


def ghost(gap):
    """Return one unit whose flow is -gap at the corner, where two fixed points would meet at a gap of zero."""
    drive = CORNER - GAIN * math.tanh(CORNER) - gap
    return torch.tensor([[GAIN]]).double(), torch.tensor([[drive]]).double()


def test_the_slow_point_of_one_unit_is_where_the_flow_is_least():
    weights, drive = ghost(0.01)
    starts = torch.tensor([[0.7], [0.9], [1.3]]).double()
    found = slow_points.slow_points(
        weights, drive.expand(3, 1), starts, **SETTINGS, slowest=0.02, separation=1e-2
    )
    assert found.hits.tolist() == [3]
    assert found.residual.item() == pytest.approx(0.01, rel=1e-3)
    # q is quadratic there: a slope of speed of 1e-4 is that far from the corner by its curvature
    curvature = 2 * math.tanh(CORNER)
    assert found.state.item() == pytest.approx(CORNER, abs=1e-4 / curvature)
    faster = slow_points.slow_points(
        weights, drive.expand(3, 1), starts, **SETTINGS, slowest=0.005, separation=1e-2
    )
    assert len(faster.hits) == 0


def test_a_fixed_point_is_no_slow_point():
    weights, drive = ghost(-0.01)
    starts = torch.tensor([[0.7], [1.5]]).double()
    state, _ = slow_points.descend(weights, drive.expand(2, 1), starts, **SETTINGS)
    assert fixed_points.flow(weights, drive, state).abs().max() < 1e-10
    found = slow_points.slow_points(
        weights, drive.expand(2, 1), starts, **SETTINGS, slowest=1.0, separation=1e-2
    )
    assert len(found.hits) == 0


def test_the_speed_has_no_slope_at_slow_points_of_a_network():
    """The gradient of the speed ‖F‖ by autograd; below 1e-4 per time constant."""
    weights, starts = 2.0 * noise(12, 12, seed=5) / 12**0.5, 2 * noise(40, 12, seed=4)
    drive = 0.5 * noise(12, seed=6).expand(40, 12)
    found = slow_points.slow_points(weights, drive, starts, **SETTINGS, slowest=10.0, separation=1e-2)
    assert len(found.hits) > 0
    state = found.state.requires_grad_()
    speed = fixed_points.flow(weights, drive[: len(state)], state).norm(dim=1)
    (slope,) = torch.autograd.grad(speed.sum(), state)
    assert slope.norm(dim=1).max() < 1e-4
    assert speed.min() > 1e-6


def test_starts_together_are_as_each_alone():
    weights, starts, drive = 1.5 * noise(6, 6) / 6**0.5, noise(20, 6, seed=1), noise(20, 6, seed=2)
    together, _ = slow_points.descend(weights, drive, starts, **SETTINGS)
    for s in range(20):
        alone, _ = slow_points.descend(weights, drive[s : s + 1], starts[s : s + 1], **SETTINGS)
        torch.testing.assert_close(together[s : s + 1], alone, rtol=1e-6, atol=1e-8)
