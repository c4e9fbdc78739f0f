"""The largest Lyapunov exponent against what is known exactly, and against two trajectories that part."""

import math

import pytest
import torch

import references
from small_runs import BATCH, OFF, UNITS, network
from threefactor import seeding
from threefactor.contract import Network
from threefactor.kernels import activation
from threefactor.network.lyapunov import largest_exponent

DOUBLE, LEAK = torch.float64, 0.2


def net(weights, clamped=()):
    units = weights.shape[1]
    held = torch.zeros(units, dtype=torch.bool).index_fill_(0, torch.tensor(clamped, dtype=torch.long), True)
    inputs = torch.ones(len(weights), units, 3, dtype=DOUBLE)
    return Network(
        weights,
        inputs,
        torch.eye(2, units, dtype=DOUBLE).expand(len(weights), -1, -1),
        held,
        0.9 * held,
        LEAK,
    )


def measured(network, start, *, burn_in=500, steps=3000):
    generator = torch.Generator().manual_seed(3)
    return largest_exponent(network, start, burn_in=burn_in, steps=steps, generator=generator)


def random(units, gain, seed=0):
    g = torch.Generator().manual_seed(seed)
    return gain * torch.randn(1, units, units, generator=g, dtype=DOUBLE) / units**0.5


def test_at_rest_it_is_the_logarithm_of_the_largest_eigenvalue():
    """Two networks at once: the growth of rounding is averaged away, or turns complex eigenvalues round."""
    weights = torch.cat([random(7, 0.6), random(7, 0.9, seed=1)])
    at_rest = torch.zeros(2, 7, dtype=DOUBLE)
    step = (1 - LEAK) * torch.eye(7, dtype=DOUBLE) + LEAK * weights
    exact = torch.linalg.eigvals(step).abs().amax(1).log()
    torch.testing.assert_close(measured(net(weights), at_rest), exact, rtol=0, atol=1e-3)


def test_at_a_fixed_point_of_one_unit_beside_a_clamped_one():
    """The unit rests at x = w tanh(x) + b, where the next state moves by 1 - leak + leak w / cosh(x)² of this one."""
    w, b = 1.4, 0.5 * math.tanh(0.9)
    weights = torch.tensor([[[0.0, 7.0], [0.5, w]]], dtype=DOUBLE)
    start = torch.tensor([[0.9, 0.1]], dtype=DOUBLE)
    x = 0.1
    for _ in range(1000):
        x = w * math.tanh(x) + b
    exact = math.log(1 - LEAK + LEAK * w / math.cosh(x) ** 2)
    found = measured(net(weights, clamped=(0,)), start)
    assert found.item() == pytest.approx(exact, rel=1e-6)


def test_in_chaos_it_is_the_rate_at_which_two_trajectories_part():
    weights = random(60, 3.0, seed=2)
    network, start = net(weights), 0.1 * torch.ones(1, 60, dtype=DOUBLE)
    found = measured(network, start, burn_in=500, steps=8000).item()
    x, growth, size = start[0], 0.0, 1e-8
    other = x + size * torch.randn(60, dtype=DOUBLE, generator=torch.Generator().manual_seed(4)) / 60**0.5
    for t in range(8500):
        x, other = (s + LEAK * (weights[0] @ s.tanh() - s) for s in (x, other))
        part = (other - x).norm().item()
        growth += math.log(part / size) if t >= 500 else 0.0
        other = x + (other - x) * size / part
    assert found > 0.01
    assert found == pytest.approx(growth / 8000, rel=0.15)


def test_it_grows_with_the_gain_from_negative_to_positive():
    found = [
        measured(net(random(60, gain, seed=2)), 0.1 * torch.ones(1, 60, dtype=DOUBLE)).item()
        for gain in (0.5, 0.9, 3.0)
    ]
    assert found[0] < found[1] < 0 < found[2]


@pytest.mark.parametrize("phi", activation.ACTIVATIONS)
def test_the_lyapunov_exponent_of_one_unit_at_rest(phi):
    """Beside a clamped one: the next state moves by 1 - leak + leak w phi'(x) of this one."""
    net = network({**OFF, "clamped": True})._replace(activation=phi)
    weights = torch.zeros_like(net.weights)
    weights[:, 0, 0], weights[:, 0, 2] = 0.7, 0.5
    start = net.clamped_state.double().expand(BATCH, -1).contiguous()
    net = net._replace(weights=weights, clamped=torch.arange(UNITS) > 0)
    x, bias = torch.zeros(()).double(), 0.5 * references.RATES[phi](start[0, 2])
    for _ in range(500):
        x = 0.7 * references.RATES[phi](x) + bias
    x.requires_grad_()
    (steep,) = torch.autograd.grad(references.RATES[phi](x), x)
    exact = torch.log(1 - net.leak + net.leak * 0.7 * steep)
    found = largest_exponent(net, start, burn_in=300, steps=200, generator=seeding.generator(1, "direction"))
    torch.testing.assert_close(found, exact.expand(BATCH), rtol=1e-8, atol=0)
