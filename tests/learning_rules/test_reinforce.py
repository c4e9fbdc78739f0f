"""REINFORCE on average against the gradient, and against the log-probability by autograd."""

import pytest
import torch

from learning_rules.noise_draws import (
    fed_back,
    over_window,
    repeated,
    standard_errors,
    updates,
    without_noise,
)
from small_runs import STEPS
from threefactor.learning_rules import reinforce
from threefactor.learning_rules.exploration import Explorer
from threefactor.network.bptt import reward_gradient
from threefactor.network.simulate import simulate

UNCLIPPED = float("inf")
HELD = (
    0.3 * torch.tensor([0, 0, 0, 0, 1, 1, 1], dtype=torch.float64)[None, :, None] * torch.tensor([1.0, -2.0])
)


def test_its_mean_update_is_the_gradient_of_the_reward_with_respect_to_the_mean_response():
    """Exactly, for noise of any size: a squared reward is a parabola of the noise, the odd moments of which vanish."""
    draws = 20_000
    drawn = updates(reinforce, Explorer(1.0, 0.5, UNCLIPPED), "outputs", draws)
    net, trial, quiet, gradient = without_noise()
    exact = reward_gradient(net, quiet, over_window(trial, gradient))[0]
    off = standard_errors(drawn, exact)
    assert off.abs().max() < 4.5, "of 25 normal numbers none is beyond, but for one in 6000"
    assert (drawn.std(0) / draws**0.5).norm() < 0.05 * exact.norm()
    assert standard_errors(drawn, 0 * exact).abs().max() > 20


def test_it_ascends_the_log_probability_of_a_response_that_was_better_than_usual():
    net, trial, start, perturbation = repeated(1)
    moved = net.weights.clone().requires_grad_()
    trajectory = simulate(net._replace(weights=moved), trial.inputs, start, perturbation)
    inside = trial.window[0] > 0
    mean = trajectory.output[0, inside].mean(0)
    action = (mean + HELD[0, -1]).detach()
    log_probability = torch.distributions.Normal(mean, 0.3).log_prob(action).sum()
    (exact,) = torch.autograd.grad(log_probability, moved)
    seen = type(trajectory)(*(part.detach() for part in trajectory))
    found, memory = reinforce.update(
        Explorer(0.7, 0.3, UNCLIPPED), net, (), seen, fed_back(net, -0.4, -0.6, HELD)
    )
    torch.testing.assert_close(found, 0.7 * 0.2 * exact, rtol=1e-9, atol=1e-13)
    assert memory == ()


@pytest.mark.parametrize("earned", [-0.4, -0.8])
def test_the_clip_and_a_reward_that_is_its_baseline(earned):
    net, _, quiet, _ = without_noise()
    params = Explorer(0.7, 0.3, UNCLIPPED)
    found = reinforce.update(params, net, (), quiet, fed_back(net, earned, -0.6, HELD))[0]
    bound = found.abs().median().item()
    clipped = reinforce.update(
        params._replace(clip=bound), net, (), quiet, fed_back(net, earned, -0.6, HELD)
    )[0]
    assert torch.equal(clipped, found.clamp(-bound, bound))
    assert (reinforce.update(params, net, (), quiet, fed_back(net, -0.6, -0.6, HELD))[0] == 0).all()
    assert HELD.shape[1] == STEPS
