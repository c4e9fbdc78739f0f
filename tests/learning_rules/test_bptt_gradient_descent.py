"""Gradient descent by BPTT against autograd."""

import torch

from small_runs import ON, experiences, network
from threefactor.contract import Rule
from threefactor.learning_rules import bptt_gradient_descent
from threefactor.learning_rules.bptt_gradient_descent import GradientDescent
from threefactor.network.simulate import simulate
from threefactor.tasks.reward import reward
from threefactor.training.trial import learn, start_learning


def test_the_update_is_the_clipped_gradient_by_autograd():
    net, rate, clip = network(ON), 0.3, 0.005
    params = GradientDescent(rate, clip)
    rule = Rule("", params, bptt_gradient_descent.init, bptt_gradient_descent.update, 0.7, 0)
    learner = start_learning(rule, net, 4)
    for trial, start, perturbation in experiences(3):
        moved = learner.network.weights.clone().requires_grad_()
        output = simulate(net._replace(weights=moved), trial.inputs, start, perturbation).output
        (gradient,) = torch.autograd.grad(reward(trial, output)[0].sum(), moved)
        exact = (rate * gradient * ~net.clamped[:, None]).clamp(-clip, clip)
        learner, outcome = learn(rule, learner, trial, start, perturbation)
        torch.testing.assert_close(outcome.update, exact, rtol=1e-9, atol=1e-14)
        assert 0.05 < (exact.abs() == clip).double().mean() < 0.95
    assert learner.memory == ()
