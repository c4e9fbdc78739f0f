"""Long runs of many starts."""

import pytest
import torch

import planted
from random_numbers import noise
from threefactor.analysis.attractors import long_run
from threefactor.network.simulate import simulate

DOUBLE = torch.float64


def made():
    """Return two networks of five units, one of them clamped, under three inputs each, and four starts."""
    network = planted.network(1.5 * noise(2, 5, 5) / 5**0.5, inputs=0.7)
    held = torch.tensor([False, True, False, False, False])
    network = network._replace(clamped=held, clamped_state=0.8 * held.to(DOUBLE))
    start = long_run.on_all_units(network, noise(2, 4, 4, seed=1)).repeat_interleave(3, 0)
    return network, long_run.systems(network), start


def simulated(network, start, steps):
    """Return states (b, c, s, t, i) by one simulation after the other."""
    inputs = torch.tensor([[0.0, 0], [1, 0], [0, 1]]).double()
    result = start.new_empty(6, 4, steps, 5)
    for n in range(6):
        for s in range(4):
            one = long_run.select(network, slice(n // 3, n // 3 + 1))
            given = inputs[n % 3].expand(1, steps, 2)
            run = simulate(one, given, start[n, s][None], torch.zeros(1, steps, 5).double())
            result[n, s] = run.state[0, 1:]
    return result


def test_all_starts_of_all_systems_run_as_each_would_alone():
    network, systems, start = made()
    state, speed = long_run.settle(systems, start, steps=60, stretch=25, tolerance=0.0)
    alone = simulated(network, start, 60)
    torch.testing.assert_close(state, alone[:, :, -1])
    flow = (alone[:, :, -1] - alone[:, :, -2]).abs().amax(-1) / network.leak
    torch.testing.assert_close(speed, flow)
    assert (state[..., 1] == 0.8).all()


def test_a_system_stops_once_all_its_starts_have_arrived():
    systems = long_run.systems(planted.network(torch.cat([planted.wells(), planted.wells(0.5)])))
    start = noise(2, 3, 6).repeat_interleave(3, 0)
    state, speed = long_run.settle(systems, start, steps=3000, stretch=100, tolerance=1e-8)
    assert (speed <= 1e-8).all()
    assert (speed > 1e-13).all()  # 3,000 steps would have brought them to rounding
    assert state[3:].abs().max() < 1e-7


def test_moments_are_those_over_time_and_halves_differ_by_their_error():
    network, systems, start = made()
    last, found = long_run.moments(systems, start, steps=80)
    states = simulated(network, start, 80)
    torch.testing.assert_close(last, states[:, :, -1])
    torch.testing.assert_close(found.mean, states.mean(2))
    torch.testing.assert_close(found.std, states.std(2, correction=0))
    one, other = states.chunk(2, 2)
    apart = (one.mean(2) - other.mean(2)).square() + (
        one.std(2, correction=0) - other.std(2, correction=0)
    ).square()
    torch.testing.assert_close(found.error, apart.mean(-1).sqrt())


def test_a_run_that_is_shorter_than_a_stretch_is_as_long_as_asked():
    _, systems, start = made()
    short, _ = long_run.settle(systems, start, steps=7, stretch=100, tolerance=0.0)
    twice, _ = long_run.settle(systems, start, steps=7, stretch=3, tolerance=0.0)
    torch.testing.assert_close(short, twice)
    assert short[..., 0].std() != pytest.approx(start[..., 0].std().item())
