"""Backpropagation through time against autograd."""

import pytest
import torch

import references
from small_runs import ON, experiences, network
from threefactor.network.bptt import reward_gradient
from threefactor.network.simulate import simulate
from threefactor.tasks.reward import reward


@pytest.mark.parametrize("readout", ["unit", "random"])
@pytest.mark.parametrize("name", ["graded", "squared"])
def test_bptt_equals_autograd(readout, name):
    net = network({**ON, "readout": readout})
    trial, start, perturbation = experiences(1, reward=name)[0]
    trajectory = simulate(net, trial.inputs, start, perturbation)
    found = reward_gradient(net, trajectory, reward(trial, trajectory.output)[1])
    weights = net.weights.clone().requires_grad_()
    states = references.simulate(net, weights, trial.inputs, start, perturbation)
    output = torch.tanh(torch.stack(states[1:], 1)) @ net.output_weights.mT
    error = output - trial.target
    cost = error.abs() if name == "graded" else error**2
    (-(cost.mean(2) * trial.window).sum()).backward()
    exact = weights.grad.clone()
    exact[:, 2] = 0  # the row of the clamped unit has no effect
    torch.testing.assert_close(found, exact, rtol=1e-10, atol=1e-14)
    assert exact.abs().max() > 1e-4
