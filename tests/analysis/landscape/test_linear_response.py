"""The response of the readout to input near a fixed point."""

import pytest
import torch

from random_numbers import noise
from threefactor.analysis.landscape import fixed_points, linear_response, stability


def test_the_response_is_what_the_fixed_point_does_when_the_input_changes():
    """Central differences of a step of 1e-5: their error is of the order of its square."""
    weights, onto, readout = 0.8 * noise(5, 5) / 5**0.5, noise(5, 2, seed=1), noise(3, 5, seed=2)
    drive = noise(1, 5, seed=3)

    def point(drive):
        return fixed_points.newton(weights, drive, torch.zeros_like(drive), steps=50, tolerance=1e-13)[0]

    state = point(drive)
    matrix = fixed_points.jacobian(weights, state)
    derivative = readout[None] * (1 - state.tanh().square())[:, None]
    found = linear_response.linear_response(stability.modes_of(matrix), onto, derivative)
    step = 1e-5 * onto.T
    moved = (point(drive + step).tanh() - point(drive - step).tanh()) @ readout.T / 2e-5
    torch.testing.assert_close(found.gain[0], moved.T, rtol=1e-7, atol=1e-9)
    exact = -derivative[0] @ torch.linalg.inv(matrix[0]) @ onto
    torch.testing.assert_close(found.gain[0], exact)


def test_shares_of_slow_and_fast_modes_add_up_and_are_known_where_modes_do_not_mix():
    """Two units by themselves that relax at 0.1 and 1: 10 and 1 for one input, of which the slow one holds 100 / 121."""
    matrix = torch.diag(torch.tensor([-0.1, -1.0])).double()[None]
    modes = stability.modes_of(matrix)
    both = torch.ones(1, 1, 2).double()
    found = linear_response.linear_response(modes, torch.eye(2).double(), both)
    assert found.gain[0, 0].tolist() == pytest.approx([10, 1])
    assert found.slow_share.item() == pytest.approx(100 / 101)
    mixed = stability.modes_of(noise(1, 6, 6))
    onto, readout = noise(6, 2), noise(1, 1, 6)
    rates = mixed.values.real.abs().sort().values[0]
    cut = ((rates[2] + rates[3]) / 2).item()
    below = linear_response.linear_response(mixed, onto, readout, cut)
    every = linear_response.linear_response(mixed, onto, readout, rates[-1].item() + 1)
    flipped = stability.Modes(mixed.values, mixed.vectors)
    none = linear_response.linear_response(flipped, onto, readout, 0.0)
    assert every.slow_share.item() == pytest.approx(1)
    assert none.slow_share.item() == 0
    assert 0 != below.slow_share.item() != pytest.approx(1)
