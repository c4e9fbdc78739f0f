"""One trial of learning against slow loops."""

import pytest
import torch

import references
from small_runs import BATCH, INPUTS, OFF, ON, OUTPUTS, STEPS, TRIAL_TYPES, UNITS, experiences, network, rule
from threefactor.contract import Exploration, Rule
from threefactor.network.simulate import simulate
from threefactor.tasks.reward import reward
from threefactor.training.trial import draw_exploration, learn, start_learning


@pytest.mark.parametrize("variant", [ON, OFF], ids=["on", "off"])
def test_learning_equals_the_slow_loop(variant):
    net, learned = network(variant), rule(variant, 3)
    sampled = experiences(12)
    slow = references.learn(
        learned.params.theta,
        learned.params,
        net,
        sampled,
        learned.baseline_decay,
        learned.warm_up,
        TRIAL_TYPES,
    )
    learner = start_learning(learned, net, TRIAL_TYPES)
    for h, experience in enumerate(sampled):
        learner, outcome = learn(learned, learner, *experience)
        torch.testing.assert_close(outcome.trajectory.state, slow.state[h], rtol=1e-12, atol=1e-13)
        torch.testing.assert_close(outcome.feedback.reward, slow.reward[h], rtol=1e-12, atol=1e-13)
        torch.testing.assert_close(learner.network.weights, slow.weights[h], rtol=1e-12, atol=1e-13)
    assert not torch.equal(learner.network.weights, net.weights)


def test_weights_rest_during_the_warm_up_and_rows_of_clamped_units_always():
    net, learned = network({**OFF, "clamped": True}), rule(OFF, 3, warm_up=4)
    learner = start_learning(learned, net, TRIAL_TYPES)
    for h, experience in enumerate(experiences(8)):
        learner, outcome = learn(learned, learner, *experience)
        assert bool((outcome.update == 0).all()) == (h < 4)
        assert (outcome.update[:, 2] == 0).all()
        assert (outcome.trajectory.state[:, :, 2] == experience.start[:, 2:3]).all()


def test_updates_leave_their_inputs_alone_and_repeat():
    for options in (ON, OFF):
        net, learned = network(options), rule(options, 3, warm_up=0)
        learner = start_learning(learned, net, TRIAL_TYPES)
        experience = experiences(2)[1]
        before = net.weights.clone()
        first, second = (learn(learned, learner, *experience) for _ in range(2))
        assert torch.equal(first[1].update, second[1].update)
        assert torch.equal(net.weights, before)
        assert learner.baseline.isnan().all()


def exploring(of, size):
    """Return a rule that explores, and in whose updates one finds what it explored with."""

    def update(params, network, memory, trajectory, feedback):
        return torch.zeros_like(network.weights) + feedback.exploration.sum(), memory

    return Rule("exploring", None, lambda params, network: (), update, 0.7, 0, Exploration(of, size))


def test_noise_on_outputs_is_one_number_each_held_over_the_response_window():
    net, trial = network(OFF), experiences(1)[0].trial
    explorer = exploring("outputs", 0.4)
    noise = draw_exploration(explorer, net, trial, generator=torch.Generator().manual_seed(3))
    assert noise.shape == trial.target.shape
    assert (noise[:, trial.window[0] == 0] == 0).all()
    assert (noise[:, -3:] == noise[:, -1:]).all()
    assert len(noise[:, -1].unique()) == BATCH * OUTPUTS
    many = torch.cat(
        [
            draw_exploration(explorer, net, trial, generator=torch.Generator().manual_seed(seed))[:, -1]
            for seed in range(500)
        ]
    )
    # the standard error of a standard deviation of 2000 numbers is 1.6 %
    assert many.std().item() == pytest.approx(0.4, rel=0.08)
    assert draw_exploration(rule(OFF, 3), net, trial, generator=torch.Generator()) is None


def test_noise_on_outputs_moves_the_reward_and_leaves_the_trajectory():
    net, (trial, start, perturbation), explorer = network(OFF), experiences(1)[0], exploring("outputs", 0.4)
    noise = draw_exploration(explorer, net, trial, generator=torch.Generator().manual_seed(3))
    learner = start_learning(explorer, net, TRIAL_TYPES)
    after, outcome = learn(explorer, learner, trial, start, perturbation, noise)
    quiet = simulate(net, trial.inputs, start, perturbation)
    assert torch.equal(outcome.trajectory.output, quiet.output)
    earned, gradient = reward(trial, quiet.output + noise)
    assert torch.equal(outcome.feedback.reward, earned)
    assert torch.equal(outcome.feedback.output_gradient, gradient)
    assert torch.equal(outcome.feedback.exploration, noise)
    torch.testing.assert_close(after.network.weights - net.weights, noise.sum().expand_as(net.weights))


def test_noise_on_weights_is_that_of_one_trial():
    net, (trial, start, perturbation), explorer = network(OFF), experiences(1)[0], exploring("weights", 0.05)
    noise = draw_exploration(explorer, net, trial, generator=torch.Generator().manual_seed(3))
    assert noise.shape == net.weights.shape
    learner = start_learning(explorer, net, TRIAL_TYPES)
    after, outcome = learn(explorer, learner, trial, start, perturbation, noise)
    noisy = simulate(net._replace(weights=net.weights + noise), trial.inputs, start, perturbation)
    assert torch.equal(outcome.trajectory.output, noisy.output)
    assert torch.equal(outcome.feedback.reward, reward(trial, noisy.output)[0])
    torch.testing.assert_close(after.network.weights - net.weights, noise.sum().expand_as(net.weights))


def test_sizes_differ():
    assert len({BATCH, UNITS, STEPS, INPUTS, TRIAL_TYPES}) == 5
