"""Steps along a direction change the reward as its derivative says, as long as they are short."""

import torch

from dnms_run import environment, networks, noise
from small_runs import DOUBLE
from threefactor.analysis.gradients.line_search import step_along
from threefactor.network.bptt import reward_gradient
from threefactor.network.simulate import simulate
from threefactor.tasks.reward import reward
from threefactor.training.batch import convert
from threefactor.training.environment import experience


def test_small_steps_change_the_reward_as_the_gradient_predicts():
    net, surroundings = convert(networks(3), dtype=DOUBLE), environment()
    trials = 5
    slopes, rewards = [], []
    for h in range(trials):
        sampled = experience(surroundings, net, h, generator=noise(h))
        trajectory = simulate(net, sampled.trial.inputs, sampled.start, sampled.perturbation)
        earned, onto_output = reward(sampled.trial, trajectory.output)
        slopes.append(reward_gradient(net, trajectory, onto_output))
        rewards.append(earned)
    gradient = torch.stack(slopes).mean(0)
    up = step_along(net, gradient, [1e-6, 1e-5, 0.3], surroundings, trials, generator=noise)
    torch.testing.assert_close(up.change[0], up.predicted[0], rtol=1e-3, atol=0)
    size = net.weights.flatten(1).norm(dim=1)
    torch.testing.assert_close(up.predicted[1], 1e-5 * size * gradient.flatten(1).norm(dim=1))
    assert (up.change[0] > 0).all()
    assert ((up.change[2] / up.predicted[2] - 1).abs() > 0.1).all(), "a long step leaves the linear range"
    down = step_along(net, -3 * gradient, [1e-5], surroundings, trials, generator=noise)
    torch.testing.assert_close(down.predicted[0], -up.predicted[1])
    unit = size / gradient.flatten(1).norm(dim=1)
    moved = net._replace(weights=net.weights + 0.3 * unit[:, None, None] * gradient)
    sampled = [experience(surroundings, net, h, generator=noise(h)) for h in range(trials)]
    after = [
        reward(x.trial, simulate(moved, x.trial.inputs, x.start, x.perturbation).output)[0] for x in sampled
    ]
    difference = torch.stack(after) - torch.stack(rewards)
    torch.testing.assert_close(up.change[2], difference.mean(0))
    torch.testing.assert_close(up.standard_error[2], difference.std(0) / trials**0.5)
