"""Gradients that learning rules have access to, for every activation."""

import pytest
import torch

from small_runs import ON, experiences, network, relative
from threefactor.contract import Trajectory
from threefactor.kernels import activation
from threefactor.learning_rules.local_gradient import local_gradient
from threefactor.network.bptt import reward_gradient
from threefactor.network.simulate import simulate
from threefactor.tasks.reward import reward


@pytest.mark.parametrize("phi", activation.ACTIVATIONS)
def test_gradients_that_rules_have_access_to_equal_autograd(phi):
    """BPTT; and the local part of the gradient, which is all of it where weights are zero."""
    net = network(ON)._replace(activation=phi)
    trial, start, perturbation = experiences(1)[0]
    for weights in (net.weights, torch.zeros_like(net.weights)):
        moved = weights.clone().requires_grad_()
        trajectory = simulate(net._replace(weights=moved), trial.inputs, start, perturbation)
        earned, _ = reward(trial, trajectory.output)
        (exact,) = torch.autograd.grad(earned.sum(), moved)
        exact = exact * ~net.clamped[:, None]
        seen = Trajectory(*(part.detach() for part in trajectory))
        still = net._replace(weights=weights)
        output_gradient = reward(trial, seen.output)[1]
        assert relative(reward_gradient(still, seen, output_gradient), exact) < 1e-10
    assert relative(local_gradient(still, seen, output_gradient @ net.output_weights), exact) < 1e-10
