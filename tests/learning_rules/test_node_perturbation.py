"""Node perturbation against a slow loop, and on average against the gradient."""

import pytest
import torch

from small_runs import BATCH, OFF, ON, STEPS, UNITS, experiences, network
from threefactor.contract import Feedback
from threefactor.learning_rules import node_perturbation
from threefactor.learning_rules.third_factor import Constants
from threefactor.network.bptt import reward_gradient
from threefactor.network.simulate import simulate
from threefactor.tasks.reward import reward


def test_its_mean_update_is_along_the_gradient_of_the_reward():
    """For small perturbations its mean update lies along the gradient of the reward (Fiete & Seung 2006)."""
    draws, size = 20000, 0.01
    net = network(OFF)
    trial, start, _ = experiences(1)[0]
    one = type(net)(*(x[:1].expand(draws, *x.shape[1:]) if i < 3 else x for i, x in enumerate(net)))
    trial = type(trial)(
        *(x[:1].expand(draws, *x.shape[1:]) if isinstance(x, torch.Tensor) else x for x in trial)
    )
    start = start[:1].expand(draws, -1)
    perturbation = size * torch.randn(
        draws, STEPS, UNITS, dtype=torch.float64, generator=torch.Generator().manual_seed(4)
    )
    params = Constants(1.0, float("inf"), 0.0, 1.0, 0)
    quiet = simulate(one, trial.inputs, start, torch.zeros_like(perturbation))
    value, gradient = reward(trial, quiet.output)
    noisy = simulate(one, trial.inputs, start, perturbation)
    feedback = Feedback(reward(trial, noisy.output)[0], value, gradient)
    update, _ = node_perturbation.update(params, one, (), noisy, feedback)
    exact = reward_gradient(one, quiet, gradient)[0]
    mean = update.mean(0)
    cosine = (mean * exact).sum() / (mean.norm() * exact.norm())
    assert cosine > 0.99
    # dR = <leak a, xi>, and leak a outer r is the gradient: E[dW] = leak size^2 dR/dW
    slope = ((mean * exact).sum() / exact.square().sum()).item()
    assert slope == pytest.approx(net.leak * size**2, rel=0.1)


def test_node_perturbation_equals_the_slow_loop():
    net = network(ON)
    params = Constants(0.3, 0.002, 1.5, 0.5, 2)
    trial, start, perturbation = experiences(1)[0]
    seen = simulate(net, trial.inputs, start, perturbation)
    feedback = Feedback(
        torch.tensor([-0.4, -0.9]).double(), torch.tensor([-0.7, -0.5]).double(), trial.target
    )
    found, _ = node_perturbation.update(params, net, (), seen, feedback)
    exact = torch.zeros_like(net.weights)
    for b in range(BATCH):
        scale = 0.3 * abs(feedback.baseline[b]) ** 1.5 * (feedback.reward[b] - feedback.baseline[b])
        for i in range(UNITS):
            for j in range(UNITS):
                e = sum(0.5 * net.leak * perturbation[b, t, i] * seen.rate[b, t, j] for t in range(2, STEPS))
                exact[b, i, j] = 0.0 if net.clamped[i] else max(-0.002, min(0.002, scale * e))
    torch.testing.assert_close(found, exact, rtol=1e-12, atol=1e-15)
    share = (exact.abs() == 0.002).double().mean()
    assert 0.05 < share < 0.95
