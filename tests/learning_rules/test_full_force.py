"""full-FORCE against a slow loop, and against what theory says of it."""

import pytest
import torch

from network_options import options_network
from small_runs import BATCH, INPUTS, ON, OUTPUTS, STEPS, TRIAL_TYPES, UNITS, experiences, network
from threefactor import seeding
from threefactor.contract import Rule
from threefactor.learning_rules import full_force
from threefactor.learning_rules.full_force import FullForce, target_currents
from threefactor.network import initial, simulate
from threefactor.network.synapses import hold
from threefactor.tasks.feedback import compute_feedback, wanted
from threefactor.tasks.reward import mean_error
from threefactor.training.batch import select
from threefactor.training.trial import learn, start_learning

EXACT = {"rtol": 1e-9, "atol": 1e-11}  # sums in another order, through a few dozen steps
REGULARISATION = 0.4


def rule(interval=1, warm_up=0):
    noise = {"generator": torch.Generator().manual_seed(12), "dtype": torch.float64}
    params = FullForce(REGULARISATION, interval, torch.randn(UNITS, OUTPUTS, **noise))
    return Rule(
        "full_force", params, full_force.init, full_force.update, 0.7, warm_up, None, full_force.learn
    )


def slow_sample(weights, inverse, rate, target):
    """Take one sample of one network; rows of which the target is NaN rest."""
    step = inverse @ rate / (1 + rate @ inverse @ rate)
    error = torch.nan_to_num(weights @ rate - target)
    return weights - torch.outer(error, step), inverse - torch.outer(step, inverse @ rate)


def slow_currents(learned, net, teacher, b, experience):
    """Return what one network's teacher gets through its recurrent weights and of the target (t i), and its states."""
    trial, free = experience.trial, ~net.clamped
    state, currents, states = experience.start[b], [], [experience.start[b]]
    for t in range(STEPS):
        target = trial.target[b, t] if trial.window[b, t] > 0 else torch.zeros(OUTPUTS).double()
        current = teacher[b] @ torch.tanh(state) + learned.params.target_weights @ target
        currents.append(torch.where(free, current, torch.nan))
        total = current + net.input_weights[b] @ trial.inputs[b, t]
        state = torch.where(free, state + net.leak * (total - state), state)
        states.append(state)
    return torch.stack(currents), torch.stack(states)


def slow_trial(learned, net, memory, b, experience):
    """Run one network through one trial; return weights, readout, both P, states and outputs."""
    trial = experience.trial
    currents, _ = slow_currents(learned, net, memory.teacher, b, experience)
    weights, readout = net.weights[b], net.output_weights[b]
    inverse, other = memory.recurrent[b], memory.readout[b]
    state, states, outputs = experience.start[b], [experience.start[b]], []
    for t in range(STEPS):
        rate = torch.tanh(state)
        if t % learned.params.interval == 0:
            weights, inverse = slow_sample(weights, inverse, rate, currents[t])
        total = weights @ rate + net.input_weights[b] @ trial.inputs[b, t] + experience.perturbation[b, t]
        state = torch.where(net.clamped, state, state + net.leak * (total - state))
        rate = torch.tanh(state)
        outputs.append(readout @ rate)
        if t % learned.params.interval == 0 and trial.window[b, t] > 0:
            readout, other = slow_sample(readout, other, rate, trial.target[b, t])
        states.append(state)
    return weights, readout, inverse, other, torch.stack(states), torch.stack(outputs)


@pytest.mark.parametrize("interval", [1, 2])
def test_learning_equals_the_slow_loop(interval):
    learned, net = rule(interval), network(ON)
    learner = start_learning(learned, net, TRIAL_TYPES)
    for experience in experiences(6):
        before = learner
        learner, outcome = learn(learned, learner, *experience)
        found = learner.network.weights, learner.network.output_weights, *learner.memory[:2]
        found = *found, outcome.trajectory.state, outcome.trajectory.output
        for b in range(BATCH):
            exact = slow_trial(learned, before.network, before.memory, b, experience)
            for one, other in zip(found, exact, strict=True):
                torch.testing.assert_close(one[b], other, **EXACT)
        torch.testing.assert_close(
            outcome.trajectory.rate, torch.tanh(outcome.trajectory.state[:, :-1]), **EXACT
        )
        assert torch.equal(outcome.update, learner.network.weights - before.network.weights)
        assert torch.equal(learner.memory.teacher, net.weights)
        assert (outcome.update[:, 2] == 0).all(), "unit 2 is clamped"
    values = torch.linalg.svdvals(learner.network.weights - net.weights)
    assert (values[:, : UNITS - 1] > 1e-6).all(), "of full rank, but for the clamped unit"


def test_the_update_is_ridge_regression_on_the_currents_of_the_teacher():
    learned, net = rule(), network(ON)
    learner = start_learning(learned, net, TRIAL_TYPES)
    for experience in experiences(3):
        learner, _ = learn(learned, learner, *experience)
    experience = experiences(4)[3]
    net, trial = learner.network, experience.trial
    seen = simulate.simulate(net, trial.inputs, *experience[1:])
    feedback = compute_feedback(learner, trial, seen.output)
    update, memory = full_force.update(learned.params, net, learner.memory, seen, feedback)
    after = torch.tanh(seen.state[:, 1:])
    for b in range(BATCH):
        wanted_of_units, _ = slow_currents(learned, net, learner.memory.teacher, b, experience)
        r, error = seen.rate[b], torch.nan_to_num(wanted_of_units - seen.rate[b] @ net.weights[b].T)
        correlation = torch.linalg.inv(learner.memory.recurrent[b]) + r.T @ r
        torch.testing.assert_close(update[b], torch.linalg.solve(correlation, r.T @ error).T, **EXACT)
        torch.testing.assert_close(memory.recurrent[b], torch.linalg.inv(correlation), **EXACT)
        late = after[b, -3:]
        correlation = torch.linalg.inv(learner.memory.readout[b]) + late.T @ late
        torch.testing.assert_close(memory.readout[b], torch.linalg.inv(correlation), **EXACT)
    assert update.norm() > 1e-2


def test_the_teacher_is_the_network_before_learning_with_the_target_as_an_input():
    learned, net = rule(), network(ON)
    trial, start, perturbation = experiences(1)[0]
    target, inputs = wanted(trial), simulate.drive(net, trial.inputs, torch.zeros_like(perturbation))
    found = target_currents(learned.params, net, net.weights, inputs, target, start)
    assert found[..., net.clamped].isnan().all()
    free = ~net.clamped
    quiet = simulate.simulate(net, trial.inputs, start, torch.zeros_like(perturbation))
    current = quiet.rate @ net.weights.mT
    torch.testing.assert_close(found[:, :-3, free], current[:, :-3, free], rtol=1e-12, atol=1e-13)
    assert (found[:, -3:, free] - current[:, -3:, free]).abs().min() > 1e-3


def test_weights_come_to_give_the_currents_of_the_teacher_and_the_target():
    """With more units than steps some weights do so exactly; a small regularisation leaves little to be learned."""
    units = 2 * STEPS
    net = initial.draw(
        units=units, inputs=INPUTS, outputs=OUTPUTS, gain=1.5, input_scale=1.0, clamped={1: 0.8}, readout="random",
        leak=0.2, generators=[seeding.generator(5, n) for n in range(BATCH)], dtype=torch.float64,
    )  # fmt: skip
    noise = {"generator": torch.Generator().manual_seed(13), "dtype": torch.float64}
    learned = rule()
    params = FullForce(0.01, 1, torch.randn(units, OUTPUTS, **noise))
    learned = learned._replace(params=params)
    trial, start = experiences(1)[0].trial, 0.3 * torch.randn(BATCH, units, **noise)
    start = torch.where(net.clamped, net.clamped_state, start)
    quiet, learner = torch.zeros(BATCH, STEPS, units).double(), start_learning(learned, net, TRIAL_TYPES)
    for _ in range(200):
        learner, _ = learn(learned, learner, trial, start, quiet)
    inputs = simulate.drive(net, trial.inputs, quiet)
    currents = target_currents(learned.params, net, net.weights, inputs, wanted(trial), start)
    distance, error = [], []
    for now in (net, learner.network):
        seen = simulate.simulate(now, trial.inputs, start, quiet)
        given = seen.rate @ now.weights.mT
        distance.append(((given - currents)[..., ~net.clamped]).norm().item())
        error.append(mean_error(trial, seen.output).mean().item())
    assert distance[1] < 0.03 * distance[0]
    assert error[1] < 0.03 * error[0]


@pytest.mark.parametrize("connectivity", ["sparse", "dale"])
def test_weights_stay_what_synapses_allow(connectivity):
    net, learned = options_network(ON, "tanh", connectivity), rule()
    learner = start_learning(learned, net, TRIAL_TYPES)
    for experience in experiences(8):
        learner, _ = learn(learned, learner, *experience)
    weights = learner.network.weights
    assert torch.equal(weights, hold(net, weights))
    assert (weights != net.weights).any()
    dense = start_learning(learned, net._replace(exists=None, sign=None), TRIAL_TYPES)
    for experience in experiences(8):
        dense, _ = learn(learned, dense, *experience)
    assert not torch.allclose(dense.network.weights, weights, rtol=1e-3)


def test_nothing_moves_during_the_warm_up():
    learned = rule(warm_up=2)
    learner = start_learning(learned, network(ON), TRIAL_TYPES)
    for h, experience in enumerate(experiences(4)):
        before = learner
        learner, outcome = learn(learned, learner, *experience)
        rests = torch.equal(learner.network.output_weights, before.network.output_weights)
        same = all(torch.equal(one, other) for one, other in zip(learner.memory, before.memory, strict=True))
        assert rests == same == (outcome.update == 0).all() == (h < 2)


def test_learning_repeats_leaves_its_inputs_alone_and_is_that_of_each_network():
    learned, experience = rule(), experiences(1)[0]
    learner = start_learning(learned, network(ON), TRIAL_TYPES)
    inputs = learner.network.weights, learner.network.output_weights, *learner.memory
    kept = [part.clone() for part in inputs]
    (first, outcome), (second, other) = (learn(learned, learner, *experience) for _ in range(2))
    assert torch.equal(outcome.update, other.update)
    assert torch.equal(first.memory.recurrent, second.memory.recurrent)
    assert all(torch.equal(part, copy) for part, copy in zip(inputs, kept, strict=True))
    for b in range(BATCH):
        alone, _ = learn(learned, *select((learner, *experience), slice(b, b + 1)))
        for name in ("weights", "output_weights"):
            whole = getattr(first.network, name)[b : b + 1]
            torch.testing.assert_close(getattr(alone.network, name), whole, rtol=1e-12, atol=1e-13)
        for one, whole in zip(alone.memory, first.memory, strict=True):
            torch.testing.assert_close(one, whole[b : b + 1], rtol=1e-12, atol=1e-13)
