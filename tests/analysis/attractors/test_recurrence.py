"""Orbits that close, and orbits that do not."""

import math

import pytest
import torch

import planted
from random_numbers import noise
from threefactor.analysis.attractors import recurrence

TIME = torch.arange(2000, dtype=torch.float64)


def waves(*periods, sizes=None):
    """Return an orbit (1, t, 2 per period) of circles."""
    sizes = sizes or [1.0] * len(periods)
    phases = [(size, 2 * math.pi * TIME / period) for size, period in zip(sizes, periods, strict=True)]
    return torch.stack([size * part(phase) for size, phase in phases for part in (torch.sin, torch.cos)], 1)[
        None
    ]


def test_the_period_of_an_orbit_is_found_to_a_fraction_of_a_step():
    found = recurrence.recurrence(torch.cat([waves(37.3), waves(120.25)]))
    assert found.closed.all()
    assert found.period.tolist() == pytest.approx([37.3, 120.25], abs=0.01)


def test_a_period_counts_all_units():
    """A second wave of twice or three halves of the period makes the orbit that much longer."""
    found = recurrence.recurrence(torch.cat([waves(37.3, 74.6), waves(37.3, 55.95)]))
    assert found.period.tolist() == pytest.approx([74.6, 111.9], abs=0.01)


@pytest.mark.parametrize("ratio", [(1 + 5**0.5) / 2, 2**0.5, math.e, math.pi])
@pytest.mark.parametrize("size", [1.0, 0.2])
def test_an_orbit_on_a_torus_does_not_close(ratio, size):
    """22 / 7 is close to pi: an orbit comes near itself after 7 periods, and drifts away by further ones."""
    found = recurrence.recurrence(waves(37.3, 37.3 * ratio, sizes=[1.0, size]))
    assert not found.closed
    assert found.period.isnan()


def test_a_spiral_and_noise_do_not_close():
    spiral = waves(37.3) * torch.exp(-TIME / 2000)[:, None]
    assert not recurrence.recurrence(torch.cat([spiral, noise(1, 2000, 2)])).closed.any()


def test_moments_of_a_cycle_are_those_of_whole_periods():
    """Of 2,000 steps the last 1,400 are two whole periods."""
    state = waves(700.0)[:, :, :1]
    returns = recurrence.Recurrence(torch.tensor([True]), torch.tensor([700.0]).double())
    window = recurrence.whole_periods(returns, 2000)
    found = recurrence.over(window, state, returns.closed)
    assert window.sum() == 1400
    assert found.mean.item() == pytest.approx(0, abs=1e-9)
    assert found.std.item() == pytest.approx(0.5**0.5)
    every = recurrence.whole_periods(returns._replace(closed=torch.tensor([False])), 2000)
    open_ = recurrence.over(every, state, torch.tensor([False]))
    assert open_.mean.item() == pytest.approx(state.mean().item())
    assert abs(open_.mean.item()) > 0.01
    assert (found.error.item(), open_.error.item() > 0.01) == (0, True)


def test_the_period_of_a_network_is_that_of_crossings_of_zero():
    network = planted.network(planted.oscillators(0.9))
    x, states = torch.tensor([0.5, 0.1], dtype=torch.float64), []
    for _ in range(4000):
        x = x + 0.1 * (network.weights[0] @ x.tanh() - x)
        states.append(x)
    orbit = torch.stack(states)[2000:]
    up = [
        t + (a / (a - b)).item()
        for t, (a, b) in enumerate(zip(orbit[:-1, 0], orbit[1:, 0], strict=True))
        if a < 0 <= b
    ]
    exact = (up[-1] - up[0]) / (len(up) - 1)
    assert recurrence.recurrence(orbit[None]).period.item() == pytest.approx(exact, rel=1e-3)
