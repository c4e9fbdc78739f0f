"""The largest Lyapunov exponent against what is known exactly, and against two trajectories that part."""

import math

import pytest
import torch

import references
from small_runs import BATCH, OFF, UNITS, network
from threefactor import seeding
from threefactor.analysis.representation.responses import repeated
from threefactor.contract import Network
from threefactor.kernels import activation
from threefactor.network.lyapunov import kaplan_yorke, largest_exponent, spectrum
from threefactor.network.simulate import simulate
from threefactor.training.batch import select

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


def run(network, start, steps):
    batch, units = start.shape
    nothing = torch.zeros(batch, steps, 3, dtype=DOUBLE)
    return simulate(network, nothing, start, torch.zeros(batch, steps, units, dtype=DOUBLE)).state


def directions(count, units, seed=3):
    return torch.randn(count, units, generator=torch.Generator().manual_seed(seed), dtype=DOUBLE)


def test_a_spectrum_at_rest_is_the_logarithms_of_the_moduli_of_all_eigenvalues():
    """0.01: a pair of complex eigenvalues turns the vectors, whose sizes are known up to a constant over 3,000 steps."""
    weights = torch.cat([random(5, 0.6), random(5, 0.9, seed=1)])
    state = torch.zeros(2, 3001, 5, dtype=DOUBLE)
    found = spectrum(net(weights), state, directions(5, 5), skip=500)
    step = (1 - LEAK) * torch.eye(5, dtype=DOUBLE) + LEAK * weights
    exact = torch.linalg.eigvals(step).abs().log().sort(dim=1, descending=True).values
    torch.testing.assert_close(found.exponents, exact, rtol=0, atol=2e-3)


def test_a_spectrum_is_that_of_a_loop_over_jacobians_of_autograd():
    network = net(random(5, 2.0), clamped=(1,))
    state = run(network, directions(1, 5) + 0.9 * network.clamped, 200)
    found = spectrum(network, state, directions(3, 5), skip=0)
    q = torch.linalg.qr(torch.where(network.clamped, 0, directions(3, 5)).T)[0]
    growth = torch.zeros(3, dtype=DOUBLE)

    def following(x):
        return torch.where(network.clamped, x, x + LEAK * (network.weights[0] @ x.tanh() - x))

    for t in range(200):
        jacobian = torch.autograd.functional.jacobian(following, state[0, t])
        jacobian[network.clamped] = 0
        q, r = torch.linalg.qr(jacobian @ q)
        growth += r.diagonal().abs().log()
    torch.testing.assert_close(found.exponents[0], growth / 200, rtol=1e-8, atol=0)


def test_all_exponents_add_up_to_the_mean_contraction_of_volumes():
    weights = random(6, 2.5)
    state = run(net(weights), directions(1, 6), 400)
    found = spectrum(net(weights), state, directions(6, 6), skip=0)
    slope = 1 - state[:, :-1].tanh().square()
    steps = (1 - LEAK) * torch.eye(6, dtype=DOUBLE) + LEAK * weights[:, None] * slope[..., None, :]
    torch.testing.assert_close(found.exponents.sum(1), torch.linalg.slogdet(steps)[1].mean(1))


def test_in_chaos_the_first_exponent_is_the_largest_one_and_the_error_holds():
    """A spread of 16 is within a factor of 0.6 to 1.8 of its expectation (chi-squared of 15 degrees)."""
    network = repeated(net(random(60, 3.0, seed=2)), 16)
    start = 0.1 * directions(16, 60)
    state = run(network, start, 4000)[:, 1000:]
    found = spectrum(network, state, directions(3, 60), skip=500)
    alone = measured(select(network, slice(1)), start[:1], burn_in=1000, steps=8000)
    mean, spread = found.exponents.mean(0), found.exponents.std(0)
    assert mean[0] > 0.01
    assert mean[0].item() == pytest.approx(alone.item(), rel=0.1)
    ratio = found.error.mean(0) / spread
    assert 0.6 < ratio[0] < 1.8
    assert abs(mean[1]) < spread[1]  # along the flow: zero, and better known than its error says
    assert ratio[1] > 0.6


def test_a_cycle_has_one_exponent_of_zero():
    turning = torch.tensor([[[1.6, -1.0], [1.0, 1.6]]], dtype=DOUBLE)
    state = run(net(turning), directions(1, 2), 4000)[:, 1000:]
    found = spectrum(net(turning), state, directions(2, 2), skip=500).exponents[0]
    assert abs(found[0]) < 1 / 2500  # the speed changes by a factor below e over 2,500 steps
    assert found[1] < -0.05


def test_clamped_units_have_no_exponents():
    """They rest, which would be an exponent of zero; rounding must not bring it in, while all others are negative."""
    network = net(random(6, 0.5), clamped=(0, 4))
    state = run(network, 0.9 * network.clamped.to(DOUBLE)[None], 4000)
    found = spectrum(network, state, directions(4, 6), skip=1000).exponents[0]
    free = ~network.clamped
    inner = network.weights[0][free][:, free] * (1 - state[0, -1, free].tanh().square())
    exact = torch.linalg.eigvals((1 - LEAK) * torch.eye(4, dtype=DOUBLE) + LEAK * inner).abs().log()
    torch.testing.assert_close(found, exact.sort(descending=True).values, rtol=0, atol=2e-3)


def test_what_a_spectrum_cannot_be_measured_from():
    network, state = net(random(4, 1.0), clamped=(1,)), torch.zeros(1, 301, 4, dtype=DOUBLE)
    with pytest.raises(ValueError, match="exponents = 4: must be 1 to 3"):
        spectrum(network, state, directions(4, 4), skip=0)
    with pytest.raises(ValueError, match="skip = 110: must leave 200 of 300 steps"):
        spectrum(network, state, directions(2, 4), skip=110)


def test_kaplan_yorke_dimensions_by_hand():
    """The last is the Lorenz attractor's (Sprott 2003)."""
    found = kaplan_yorke(
        torch.tensor(
            [[1.0, 0.5, -2.0], [-3.0, 0.0, 0.0], [-0.5, -1.0, -2.0], [0.3, -0.1, -0.1], [0.9056, 0, -14.5721]]
        )
    )
    assert found.tolist()[:3] == pytest.approx([2.75, 2.0, 0.0])
    assert found[3].isnan()
    assert found[4].item() == pytest.approx(2.0621, abs=1e-4)
