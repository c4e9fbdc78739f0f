import math

import pytest
import torch
from scipy.optimize import brentq

from random_numbers import noise
from threefactor.analysis.landscape import fixed_points, stability
from threefactor.contract import Network
from threefactor.kernels.activation import ACTIVATIONS
from threefactor.network.simulate import simulate

SETTINGS = {"steps": 60, "tolerance": 1e-10}


def search(weights, drive, starts):
    state, residual = fixed_points.newton(weights, drive.expand_as(starts), starts, **SETTINGS)
    return fixed_points.distinct(state, residual, tolerance=1e-9, separation=1e-3)


def test_without_weights_the_drive_is_the_only_fixed_point():
    drive = noise(5)
    found = search(torch.zeros(5, 5, dtype=torch.float64), drive, noise(7, 5, seed=1))
    torch.testing.assert_close(found.state, drive[None])
    assert found.hits.tolist() == [7]


def test_a_symmetric_weight_of_rank_one_has_two_wells_and_a_saddle():
    # x = g u (uᵀ tanh x) / n with u = ±1 has x = κ u, κ = g tanh κ
    sign = torch.tensor([1.0, -1, 1, 1, -1, 1], dtype=torch.float64)
    weights = 1.8 * torch.outer(sign, sign) / 6
    found = search(weights, torch.zeros(6, dtype=torch.float64), 2 * noise(40, 6))
    kappa = brentq(lambda k: k - 1.8 * math.tanh(k), 0.1, 3)
    overlap = (found.state @ sign / 6).sort().values
    torch.testing.assert_close(
        overlap, torch.tensor([-kappa, 0, kappa], dtype=torch.float64), atol=1e-8, rtol=0
    )
    assert int(found.hits.sum()) == 40
    matrix = fixed_points.jacobian(weights, found.state)
    linear = stability.stability(matrix, stability.modes_of(matrix), sign)
    order = (found.state @ sign).argsort()
    assert (linear.largest_real[order] > 0).tolist() == [False, True, False]
    assert linear.unstable[order].tolist() == [0, 1, 0]
    assert float(linear.largest_real[order][1]) == pytest.approx(0.8)
    assert float(linear.readout_overlap[order][1]) == pytest.approx(1)


def test_networks_together_equal_networks_alone():
    weights, drive, starts = 1.5 * noise(3, 6, 6) / 6**0.5, noise(3, 6, seed=1), noise(3, 6, seed=2)
    together, residual = fixed_points.newton(weights, drive, starts, **SETTINGS)
    for b in range(3):
        alone, _ = fixed_points.newton(weights[b], drive[b : b + 1], starts[b : b + 1], **SETTINGS)
        torch.testing.assert_close(together[b : b + 1], alone)
    assert residual.max() < 1e-9


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_jacobian_equals_autograd(activation):
    weights, state = noise(4, 4), noise(1, 4, seed=1)
    auto = torch.autograd.functional.jacobian(
        lambda x: fixed_points.flow(weights, noise(1, 4), x[None], activation)[0], state[0]
    )
    torch.testing.assert_close(fixed_points.jacobian(weights, state, activation)[0], auto)


def test_newton_finds_the_one_fixed_point_of_a_relu_network_that_inhibits_itself():
    weights, drive = -0.5 * torch.ones(3, 3, dtype=torch.float64), torch.tensor([[3.0, 2, -1]]).double()
    state, residual = fixed_points.newton(weights, drive, noise(1, 3), **SETTINGS, activation="relu")
    # x = d - s / 2 with s = x0 + x1, the third unit being silent: s = 5 - s
    torch.testing.assert_close(state, torch.tensor([[1.75, 0.75, -2.25]]).double())
    assert residual.max() < 1e-9


def test_a_start_that_cannot_arrive_is_not_a_fixed_point():
    state = torch.tensor([[0.0, 0], [5, 5]], dtype=torch.float64)
    found = fixed_points.distinct(state, torch.tensor([1e-12, 0.3]), tolerance=1e-9, separation=1e-3)
    assert len(found.state) == 1
    empty = fixed_points.distinct(state, torch.tensor([0.2, 0.3]), tolerance=1e-9, separation=1e-3)
    assert empty.state.shape == (0, 2)


def test_a_simulation_started_on_a_fixed_point_of_the_free_units_stays_there():
    clamped = torch.tensor([False, True, False, False, True])
    start = torch.tensor([0.0, 1.0, 0, 0, -1.0], dtype=torch.float64)
    network = Network(0.5 * noise(1, 5, 5), noise(1, 5, 2, seed=1), noise(1, 1, 5), clamped, start, 0.1)
    inputs = torch.tensor([[0.0, 1]], dtype=torch.float64)
    drive = (network.input_weights @ inputs[..., None])[..., 0]
    free, constant = fixed_points.free_system(network.weights, drive, clamped, torch.tanh(start)[None])
    found = search(free[0], constant[0], noise(5, 3, seed=2))
    at = start.clone()
    at[~clamped] = found.state[0]
    zero = torch.zeros(1, 20, 5, dtype=torch.float64)
    state = simulate(network, inputs[:, None].expand(1, 20, 2), at[None], zero).state
    torch.testing.assert_close(state[0, -1], at)


def test_a_chaotic_network_gives_up_its_fixed_points_too():
    # descent of ‖F‖ alone brings about half of these starts to a fixed point
    weights = 1.5 * noise(64, 64, seed=5) / 8
    starts = noise(24, 64, seed=4)
    state, residual = fixed_points.newton(
        weights, torch.zeros_like(starts), starts, steps=200, tolerance=1e-9
    )
    assert (residual < 1e-9).double().mean() > 0.8
    assert (fixed_points.flow(weights, torch.zeros(64).double(), state[residual < 1e-9]).abs() < 1e-9).all()


def test_starts_that_are_solved_together_are_as_few_at_a_time():
    weights, drive, starts = 1.2 * noise(5, 5) / 5**0.5, noise(11, 5, seed=1), noise(11, 5, seed=2)
    found = [fixed_points.newton(weights, drive, starts, **SETTINGS, at_once=n)[0] for n in (1, 4, 100)]
    torch.testing.assert_close(found[0], found[1])
    torch.testing.assert_close(found[0], found[2])
