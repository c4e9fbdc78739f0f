"""BPTT with Adam against PyTorch's."""

import torch

from small_runs import OFF, TRIAL_TYPES, experiences, network
from threefactor.contract import Rule
from threefactor.learning_rules import bptt as adam
from threefactor.network.bptt import reward_gradient
from threefactor.network.simulate import simulate
from threefactor.tasks.reward import reward
from threefactor.training.trial import learn, start_learning


def test_bptt_rule_is_torch_adam():
    net = network(OFF)
    learner_weights = torch.nn.Parameter(net.weights.clone())
    optimiser = torch.optim.Adam([learner_weights], lr=0.01, maximize=True)
    learned = Rule("bptt", adam.Bptt(0.01, 0.9, 0.999, 1e-8), adam.init, adam.update, 0.7, 0)
    learner = start_learning(learned, net, TRIAL_TYPES)
    for experience in experiences(4):
        trajectory = simulate(learner.network, experience.trial.inputs, *experience[1:])
        gradient = reward_gradient(
            learner.network, trajectory, reward(experience.trial, trajectory.output)[1]
        )
        learner, _ = learn(learned, learner, *experience)
        learner_weights.grad = gradient
        optimiser.step()
        torch.testing.assert_close(learner.network.weights, learner_weights.detach(), rtol=1e-10, atol=1e-12)
