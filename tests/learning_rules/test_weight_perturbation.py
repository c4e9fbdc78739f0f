"""Weight perturbation against its equation, and on average against the gradient."""

import torch

from learning_rules.noise_draws import fed_back, standard_errors, updates, without_noise
from random_numbers import noise
from threefactor.learning_rules import weight_perturbation
from threefactor.learning_rules.exploration import Explorer
from threefactor.network.bptt import reward_gradient

UNCLIPPED = float("inf")


def test_for_small_noise_its_mean_update_is_the_gradient_of_the_reward():
    """Up to third derivatives times the variance, 1e-6 of them here, far below the standard error of 1 %."""
    draws = 40_000
    drawn = updates(weight_perturbation, Explorer(1.0, 1e-3, UNCLIPPED), "weights", draws)
    net, _, quiet, gradient = without_noise()
    exact = reward_gradient(net, quiet, gradient)[0]
    off = standard_errors(drawn, exact)
    assert off.abs().max() < 4.5, "of 25 normal numbers none is beyond, but for one in 6000"
    assert (drawn.std(0) / draws**0.5).norm() < 0.05 * exact.norm()
    assert standard_errors(drawn, 0 * exact).abs().max() > 20


def test_the_update_is_the_noise_times_the_reward_prediction_error():
    net, _, quiet, _ = without_noise()
    net = net._replace(clamped=torch.arange(5) == 2)
    drawn = noise(1, 5, 5)
    found, memory = weight_perturbation.update(
        Explorer(0.3, 0.2, 0.8), net, (), quiet, fed_back(net, -0.4, -0.6, drawn)
    )
    exact = (0.3 * 0.2 * drawn / 0.2**2).clamp(-0.8, 0.8)
    exact[:, 2] = 0
    torch.testing.assert_close(found, exact, rtol=1e-12, atol=0)
    assert 0.05 < (found.abs() == 0.8).double().mean() < 0.95
    assert memory == ()
    still = weight_perturbation.update(
        Explorer(0.3, 0.2, 0.8), net, (), quiet, fed_back(net, -0.6, -0.6, drawn)
    )[0]
    assert (still == 0).all()
