"""One trial of learning against slow loops."""

import pytest
import torch

import references
from small_runs import (
    BATCH,
    DOUBLE,
    INPUTS,
    OFF,
    ON,
    OUTPUTS,
    STEPS,
    TRIAL_TYPES,
    UNITS,
    experiences,
    network,
    rule,
)
from threefactor.contract import Exploration
from threefactor.training.trial import draw_exploration, learn, start_learning
from training.followed import exploring


@pytest.mark.parametrize("variant", [ON, OFF], ids=["on", "off"])
def test_learning_equals_the_slow_loop(variant):
    net, learned = network(variant), rule(variant, 3)
    sampled = experiences(12)
    slow = references.learn(learned.params.theta, learned, net, sampled, TRIAL_TYPES)
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


def test_noise_on_outputs_is_one_number_each_held_over_the_response_window():
    net, trial = network(OFF), experiences(1)[0].trial
    explorer = exploring("outputs", size=0.4)
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


def test_sizes_differ():
    assert len({BATCH, UNITS, STEPS, INPUTS, TRIAL_TYPES}) == 5


def sparse():
    """Return networks with a clamped unit, some synapses of which do not exist."""
    net = network(ON)
    exists = torch.rand(BATCH, UNITS, UNITS, generator=torch.Generator().manual_seed(5)) < 0.7
    return net._replace(exists=exists, weights=net.weights.masked_fill(~exists, 0))


def explored_by_hand(of, net, weights, sampled, noise):
    """Run one trial of one network with noise on its weights or outputs: reward, and what the noise went along with."""
    trial, start, perturbation = sampled
    tried = references.held(net, weights + noise) if of == "weights" else weights
    states = references.simulate(net, tried, trial.inputs, start, perturbation)
    reward, along = torch.zeros(BATCH, dtype=DOUBLE), torch.zeros_like(weights)
    for b in range(BATCH):
        for t in range(STEPS):
            output = net.output_weights[b] @ torch.tanh(states[t + 1][b])
            if of == "outputs":
                output = output + noise[b, t]
                along[b] += torch.outer(net.output_weights[b].T @ noise[b, t], torch.tanh(states[t][b]))
            reward[b] -= trial.window[b, t] * ((output - trial.target[b, t]) ** 2).mean()
    return states, reward, along if of == "outputs" else noise


@pytest.mark.parametrize("of", ["weights", "outputs"])
def test_a_rule_that_explores_is_rewarded_for_what_it_tried(of):
    """Against a slow loop; weights change by what was tried, and the noise itself is not left in them."""
    net, learned = sparse(), exploring(of, size=0.3)
    weights, learner, baseline = net.weights, start_learning(learned, net, TRIAL_TYPES), {}
    source = torch.Generator().manual_seed(9)
    for sampled in experiences(12):
        noise = draw_exploration(learned, net, sampled.trial, generator=source)
        states, reward, along = explored_by_hand(of, net, weights, sampled, noise)
        learner, outcome = learn(learned, learner, *sampled, noise)
        changed = weights.clone()
        for b, y in enumerate(sampled.trial.trial_type.tolist()):
            before = baseline.get((b, y), reward[b])
            change = learned.params * (reward[b] - before) * along[b] * ~net.clamped[:, None]
            changed[b] = (weights[b] + change) * net.exists[b]
            baseline[b, y] = learned.baseline_decay * before + (1 - learned.baseline_decay) * reward[b]
            assert learner.baseline[b, y].item() == pytest.approx(baseline[b, y].item(), rel=1e-12)
        weights = changed
        torch.testing.assert_close(outcome.trajectory.state, torch.stack(states, 1), rtol=1e-12, atol=1e-13)
        torch.testing.assert_close(outcome.feedback.reward, reward, rtol=1e-12, atol=1e-13)
        torch.testing.assert_close(learner.network.weights, weights, rtol=1e-12, atol=1e-13)
        assert torch.equal(outcome.feedback.exploration, noise)
    assert (weights != net.weights).any()


def test_the_output_of_a_trial_is_that_without_the_noise_on_it():
    net, sampled = network(OFF), experiences(1)[0]
    noise = torch.ones_like(sampled.trial.target)
    _, quiet = learn(rule(OFF, 3), start_learning(rule(OFF, 3), net, TRIAL_TYPES), *sampled)
    learned = exploring("outputs")
    _, noisy = learn(learned, start_learning(learned, net, TRIAL_TYPES), *sampled, noise)
    assert torch.equal(noisy.trajectory.output, quiet.trajectory.output)
    assert (noisy.feedback.reward != quiet.feedback.reward).all()
    assert (noisy.feedback.output_gradient != quiet.feedback.output_gradient).any(), (
        "at the output that was tried"
    )


def test_noise_is_drawn_for_what_a_rule_explores_with():
    """Of 20,000 numbers the standard deviation is known to half a percent, and means to one in a hundred."""
    net, trial = network(OFF), experiences(1)[0].trial
    source = torch.Generator().manual_seed(3)
    assert draw_exploration(rule(OFF, 3), net, trial, generator=source) is None
    for of, shape in (("weights", (BATCH, UNITS, UNITS)), ("outputs", (BATCH, STEPS, OUTPUTS))):
        learned = rule(OFF, 3)._replace(exploration=Exploration(of, 0.3))
        drawn = [draw_exploration(learned, net, trial, generator=source) for _ in range(20_000 // BATCH)]
        assert drawn[0].shape == shape
        assert drawn[0].dtype == DOUBLE
        first = torch.stack(drawn)[:, :, -1, 0]
        assert first.std().item() == pytest.approx(0.3, rel=0.02)  # four standard errors
        assert abs(first.mean().item()) < 4 * 0.3 / 20_000**0.5
        assert not torch.equal(drawn[0], drawn[1])
