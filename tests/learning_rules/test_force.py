"""FORCE against a slow loop that feeds the output back, and against what theory says of it."""

import pytest
import torch

from small_runs import BATCH, ON, OUTPUTS, STEPS, TRIAL_TYPES, UNITS, experiences, network
from threefactor.contract import Rule
from threefactor.learning_rules import force
from threefactor.learning_rules.force import Force
from threefactor.network.simulate import simulate
from threefactor.tasks.feedback import compute_feedback, wanted
from threefactor.tasks.reward import mean_error
from threefactor.training.batch import select
from threefactor.training.trial import learn, start_learning

EXACT = {"rtol": 1e-9, "atol": 1e-11}  # sums in another order, through a few dozen steps of feedback
REGULARISATION = 0.4


def fed_back(size=0.8):
    """Return small networks with outputs that are fed back; none where the size is zero."""
    net = network(ON)
    if size == 0:
        return net
    drawn = torch.randn(
        BATCH, UNITS, OUTPUTS, generator=torch.Generator().manual_seed(9), dtype=torch.float64
    )
    feedback_weights = size * drawn * ~net.clamped[:, None]
    weights = net.weights + feedback_weights @ net.output_weights
    return net._replace(weights=weights, feedback_weights=feedback_weights)


def rule(interval=1, warm_up=0):
    return Rule(
        "force", Force(REGULARISATION, interval), force.init, force.update, 0.7, warm_up, None, force.learn
    )


def late(sampled):
    """Return trials in which the response window of the second network begins later."""
    window = sampled.trial.window.clone()
    window[1, :-2] = 0
    return sampled._replace(trial=sampled.trial._replace(window=window))


def slow_trial(net, b, inverse, experience, interval):
    """Run one network through one trial, its output fed back by weights of its own; return all that changed."""
    trial, readout = experience.trial, net.output_weights[b].clone()
    rest = net.weights[b]
    if net.feedback_weights is not None:
        rest = rest - net.feedback_weights[b] @ readout
    state, states, outputs = experience.start[b], [experience.start[b]], []
    for t in range(STEPS):
        rate = torch.tanh(state)
        total = rest @ rate + net.input_weights[b] @ trial.inputs[b, t] + experience.perturbation[b, t]
        if net.feedback_weights is not None:
            total = total + net.feedback_weights[b] @ (readout @ rate)
        state = torch.where(net.clamped, state, state + net.leak * (total - state))
        rate = torch.tanh(state)
        outputs.append(readout @ rate)
        if trial.window[b, t] > 0 and t % interval == 0:
            step = inverse @ rate / (1 + rate @ inverse @ rate)
            readout = readout - torch.outer(outputs[-1] - trial.target[b, t], step)
            inverse = inverse - torch.outer(step, inverse @ rate)
        states.append(state)
    return readout, inverse, torch.stack(states), torch.stack(outputs)


@pytest.mark.parametrize("interval", [1, 2])
@pytest.mark.parametrize("size", [0.0, 0.8])
def test_learning_equals_the_slow_loop(size, interval):
    learned = rule(interval)
    learner = start_learning(learned, fed_back(size), TRIAL_TYPES)
    for experience in map(late, experiences(6)):
        before = learner.network
        inverses = learner.memory
        learner, outcome = learn(learned, learner, *experience)
        for b in range(BATCH):
            readout, inverse, states, outputs = slow_trial(before, b, inverses[b], experience, interval)
            torch.testing.assert_close(learner.network.output_weights[b], readout, **EXACT)
            torch.testing.assert_close(learner.memory[b], inverse, **EXACT)
            torch.testing.assert_close(outcome.trajectory.state[b], states, **EXACT)
            torch.testing.assert_close(outcome.trajectory.output[b], outputs, **EXACT)
        torch.testing.assert_close(
            outcome.trajectory.rate, torch.tanh(outcome.trajectory.state[:, :-1]), **EXACT
        )
        assert torch.equal(outcome.update, learner.network.weights - before.weights)
        assert (outcome.update != 0).any() == (size != 0)


def test_recurrent_weights_change_by_what_is_fed_back_alone():
    """At most the rank of the outputs, and the rest J of the weights rests."""
    net, learned = fed_back(), rule()
    learner = start_learning(learned, net, TRIAL_TYPES)
    for experience in experiences(8):
        learner, _ = learn(learned, learner, *experience)
    after = learner.network
    values = torch.linalg.svdvals(after.weights - net.weights)
    assert (values[:, OUTPUTS - 1] > 1e-3).all()
    assert (values[:, OUTPUTS:] < 1e-12).all()
    rest = [one.weights - one.feedback_weights @ one.output_weights for one in (net, after)]
    torch.testing.assert_close(*rest, rtol=0, atol=1e-12)
    assert (after.weights[:, 2] == net.weights[:, 2]).all(), "unit 2 is clamped"


def test_without_feedback_learning_is_ridge_regression_on_all_trials():
    net, learned = fed_back(0.0), rule()
    learner = start_learning(learned, net, TRIAL_TYPES)
    rates, targets = [], []
    for experience in experiences(5):
        seen = simulate(net, experience.trial.inputs, *experience[1:])
        rates.append(torch.tanh(seen.state[:, 1:])[:, -3:])
        targets.append(experience.trial.target[:, -3:])
        learner, _ = learn(learned, learner, *experience)
    r, y = torch.cat(rates, 1), torch.cat(targets, 1)
    correlation = r.mT @ r + REGULARISATION * torch.eye(UNITS, dtype=r.dtype)
    exact = torch.linalg.solve(correlation, (y.mT @ r + REGULARISATION * net.output_weights).mT).mT
    torch.testing.assert_close(learner.network.output_weights, exact, rtol=1e-10, atol=1e-11)
    torch.testing.assert_close(learner.memory, torch.linalg.inv(correlation), rtol=1e-10, atol=1e-11)


@pytest.mark.parametrize("size", [0.0, 0.8])
def test_the_update_is_the_same_recursion_at_rest(size):
    """Without feedback it leaves the memory that learning leaves, with it that of the network at rest."""
    net, learned = fed_back(size), rule()
    learner = start_learning(learned, net, TRIAL_TYPES)
    learner, _ = learn(learned, learner, *experiences(1)[0])
    experience = experiences(2)[1]
    seen = simulate(learner.network, experience.trial.inputs, *experience[1:])
    feedback = compute_feedback(learner, experience.trial, seen.output)
    update, memory = force.update(learned.params, learner.network, learner.memory, seen, feedback)
    after, outcome = learn(learned, learner, *experience)
    if size == 0:
        torch.testing.assert_close(memory, after.memory, **EXACT)
        assert (update == 0).all()
        return
    assert not torch.allclose(memory, after.memory, rtol=1e-3)
    r, weights = torch.tanh(seen.state[:, 1:])[:, -3:], learner.network.output_weights
    correlation = torch.linalg.inv(learner.memory) + r.mT @ r
    change = torch.linalg.solve(
        correlation, ((experience.trial.target[:, -3:] - r @ weights.mT).mT @ r).mT
    ).mT
    torch.testing.assert_close(update, net.feedback_weights @ change, **EXACT)
    assert not torch.allclose(update, outcome.update, rtol=1e-2)


def test_nothing_moves_during_the_warm_up():
    learned = rule(warm_up=2)
    learner = start_learning(learned, fed_back(), TRIAL_TYPES)
    for h, experience in enumerate(experiences(4)):
        before = learner
        learner, outcome = learn(learned, learner, *experience)
        rests = torch.equal(learner.network.output_weights, before.network.output_weights)
        assert rests == torch.equal(learner.memory, before.memory) == (outcome.update == 0).all() == (h < 2)
        assert not torch.equal(learner.baseline, before.baseline)


def test_errors_fall():
    net, learned = fed_back(), rule()
    learner, again = start_learning(learned, net, TRIAL_TYPES), experiences(TRIAL_TYPES)
    errors = []
    for _ in range(30):
        for experience in again:
            learner, outcome = learn(learned, learner, *experience)
            errors.append(mean_error(experience.trial, outcome.trajectory.output).mean())
    at_rest = [
        mean_error(one.trial, simulate(learner.network, one.trial.inputs, *one[1:]).output).mean()
        for one in again
    ]
    first = [mean_error(one.trial, simulate(net, one.trial.inputs, *one[1:]).output).mean() for one in again]
    assert sum(errors[-TRIAL_TYPES:]) < 0.5 * sum(first)
    assert sum(at_rest) < 0.7 * sum(first)


def test_learning_repeats_leaves_its_inputs_alone_and_is_that_of_each_network():
    learned, experience = rule(), late(experiences(1)[0])
    learner = start_learning(learned, fed_back(), TRIAL_TYPES)
    kept = [
        part.clone() for part in (learner.network.weights, learner.network.output_weights, learner.memory)
    ]
    (first, outcome), (second, other) = (learn(learned, learner, *experience) for _ in range(2))
    assert torch.equal(outcome.update, other.update)
    assert torch.equal(first.memory, second.memory)
    for part, copy in zip(
        (learner.network.weights, learner.network.output_weights, learner.memory), kept, strict=True
    ):
        assert torch.equal(part, copy)
    for b in range(BATCH):
        alone, _ = learn(learned, *select((learner, *experience), slice(b, b + 1)))
        for name in ("weights", "output_weights"):
            whole = getattr(first.network, name)[b : b + 1]
            torch.testing.assert_close(getattr(alone.network, name), whole, rtol=1e-12, atol=1e-13)
        torch.testing.assert_close(alone.memory, first.memory[b : b + 1], rtol=1e-12, atol=1e-13)


def test_a_trial_without_a_target_teaches_nothing():
    learned, experience = rule(), experiences(1)[0]
    trial = experience.trial._replace(window=torch.zeros_like(experience.trial.window))
    assert wanted(trial).isnan().all()
    learner = start_learning(learned, fed_back(), TRIAL_TYPES)
    after, outcome = learn(learned, learner, trial, *experience[1:])
    assert torch.equal(after.memory, learner.memory)
    seen = simulate(learner.network, trial.inputs, *experience[1:])
    torch.testing.assert_close(outcome.trajectory.output, seen.output, rtol=1e-12, atol=1e-13)
