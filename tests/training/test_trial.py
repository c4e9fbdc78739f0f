"""One trial of learning against slow loops."""

import pytest
import torch

import references
from small_runs import BATCH, INPUTS, OFF, ON, STEPS, TRIAL_TYPES, UNITS, experiences, network, rule
from threefactor.training.trial import learn, start_learning


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


def test_sizes_differ():
    assert len({BATCH, UNITS, STEPS, INPUTS, TRIAL_TYPES}) == 5
