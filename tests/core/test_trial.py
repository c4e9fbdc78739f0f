"""One trial of learning, scans, BPTT and rewards against slow loops and autograd."""

import pytest
import torch

import references
from core.settings import BATCH, INPUTS, KINDS, OFF, ON, STEPS, UNITS, experiences, network, rule
from threefactor.contract import Feedback, Rule
from threefactor.kernels import scans
from threefactor.kernels.activation import ACTIVATIONS
from threefactor.kernels.torch import scans as reference
from threefactor.learning_rules import bptt as adam
from threefactor.learning_rules import node_perturbation
from threefactor.learning_rules.third_factor import Constants
from threefactor.network.bptt import reward_gradient
from threefactor.network.simulate import simulate
from threefactor.tasks.reward import REWARDS, mean_error, reward
from threefactor.training.trial import learn, start_learning

compiled = pytest.importorskip("threefactor.kernels.cpu.scans")


@pytest.mark.parametrize("variant", [ON, OFF], ids=["on", "off"])
def test_learning_equals_the_slow_loop(variant):
    net, learned = network(variant), rule(variant, 3)
    sampled = experiences(12)
    slow = references.learn(
        learned.params.theta, learned.params, net, sampled, learned.baseline_decay, learned.warm_up, KINDS
    )
    learner = start_learning(learned, net, KINDS)
    for h, experience in enumerate(sampled):
        learner, outcome = learn(learned, learner, *experience)
        torch.testing.assert_close(outcome.trajectory.state, slow.state[h], rtol=1e-12, atol=1e-13)
        torch.testing.assert_close(outcome.feedback.reward, slow.reward[h], rtol=1e-12, atol=1e-13)
        torch.testing.assert_close(learner.network.weights, slow.weights[h], rtol=1e-12, atol=1e-13)
    assert not torch.equal(learner.network.weights, net.weights)


def test_weights_rest_during_the_warm_up_and_rows_of_clamped_units_always():
    net, learned = network({**OFF, "clamped": True}), rule(OFF, 3, warm_up=4)
    learner = start_learning(learned, net, KINDS)
    for h, experience in enumerate(experiences(8)):
        learner, outcome = learn(learned, learner, *experience)
        assert bool((outcome.update == 0).all()) == (h < 4)
        assert (outcome.update[:, 2] == 0).all()
        assert (outcome.trajectory.state[:, :, 2] == experience.start[:, 2:3]).all()


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("units", [1, 5, 37, 333])  # the last in more than one pass of the widest registers
def test_compiled_scans_equal_the_reference(dtype, units):
    g = torch.Generator().manual_seed(units)
    weights, drive = (
        torch.randn(3, units, units, generator=g) / units**0.5,
        9 * torch.randn(3, 11, units, generator=g),
    )
    start, clamped = torch.randn(3, units, generator=g), torch.arange(units) == 2
    weights, drive, start = (x.to(dtype) for x in (weights, drive, start))
    tolerance = {"rtol": 1e-4, "atol": 3e-5} if dtype == torch.float32 else {"rtol": 1e-11, "atol": 1e-11}
    source = torch.cat([start[:, None], drive], 1)
    for name, arguments in {
        "scan": (weights, drive, start, clamped, 0.3),
        "adjoint_scan": (weights, torch.tanh(source), source, clamped, 0.3),
        "trace_scan": (drive, start, 0.2),
    }.items():
        for phi in [(activation,) for activation in ACTIVATIONS] if name == "scan" else [()]:
            fast, slow = getattr(compiled, name)(*arguments, *phi), getattr(reference, name)(*arguments, *phi)
            torch.testing.assert_close(fast, slow, **tolerance)


def test_compiled_scan_saturates_and_hands_on_what_is_not_a_number():
    zeros, clamped = torch.zeros(1, 2, 2), torch.zeros(2, dtype=torch.bool)
    weights = torch.eye(2)[None]
    state, _ = compiled.scan(weights, zeros, torch.tensor([[50.0, -50.0]]), clamped, 0.5)
    torch.testing.assert_close(state[0, 1], torch.tensor([25.5, -25.5]))
    state, rate = compiled.scan(weights, zeros, torch.tensor([[float("nan"), 0.0]]), clamped, 0.5)
    assert state[0, -1, 0].isnan()
    assert rate[0, -1, 0].isnan()


def test_scans_stay_differentiable():
    weights = torch.randn(1, 3, 3, dtype=torch.float64, requires_grad=True)
    drive, start = torch.randn(1, 4, 3, dtype=torch.float64), torch.randn(1, 3, dtype=torch.float64)
    clamped = torch.tensor([False, True, False])
    assert torch.autograd.gradcheck(lambda w: scans.scan(w, drive, start, clamped, 0.4), weights)


@pytest.mark.parametrize("readout", ["unit", "random"])
@pytest.mark.parametrize("kind", ["graded", "squared"])
def test_bptt_equals_autograd(readout, trial_type):
    net = network({**ON, "readout": readout})
    trial, start, perturbation = experiences(1, reward=trial_type)[0]
    trajectory = simulate(net, trial.inputs, start, perturbation)
    found = reward_gradient(net, trajectory, reward(trial, trajectory.output)[1])
    weights = net.weights.clone().requires_grad_()
    states = references.simulate(net, weights, trial.inputs, start, perturbation)
    output = torch.tanh(torch.stack(states[1:], 1)) @ net.output_weights.mT
    error = output - trial.target
    cost = error.abs() if trial_type == "graded" else error**2
    (-(cost.mean(2) * trial.window).sum()).backward()
    exact = weights.grad.clone()
    exact[:, 2] = 0  # the row of the clamped unit has no effect
    torch.testing.assert_close(found, exact, rtol=1e-10, atol=1e-14)
    assert exact.abs().max() > 1e-4


@pytest.mark.parametrize("kind", REWARDS)
def test_reward_gradient_is_its_derivative(trial_type):
    trial = experiences(1, reward=trial_type)[0].trial
    output = torch.randn(trial.target.shape, dtype=torch.float64, generator=torch.Generator().manual_seed(3))
    value, gradient = reward(trial, output.detach())
    moved, _ = reward(trial, output.detach() + 1e-7 * gradient.sign())
    torch.testing.assert_close((moved - value) / 1e-7, gradient.abs().sum((1, 2)), rtol=1e-5, atol=1e-6)


def test_silent_output_is_graded_by_the_size_of_the_target():
    trial = experiences(1)[0].trial
    silent = torch.zeros_like(trial.target)
    expected = (trial.target.abs().mean(2) * trial.window).sum(1)
    torch.testing.assert_close(mean_error(trial, silent), expected)


def test_unknown_reward_names_what_is_allowed():
    trial = experiences(1)[0].trial._replace(reward="praise")
    with pytest.raises(ValueError, match="reward = 'praise': allowed are graded, squared, correct"):
        reward(trial, trial.target)


def test_node_perturbation_climbs_the_reward_on_average():
    """For small kicks its mean update lies along the gradient of the reward (Fiete & Seung 2006)."""
    draws, size = 20000, 0.01
    net = network(OFF)
    trial, start, _ = experiences(1)[0]
    one = type(net)(*(x[:1].expand(draws, *x.shape[1:]) if i < 3 else x for i, x in enumerate(net)))
    trial = type(trial)(
        *(x[:1].expand(draws, *x.shape[1:]) if isinstance(x, torch.Tensor) else x for x in trial)
    )
    start = start[:1].expand(draws, -1)
    perturbation = size * torch.randn(
        draws, STEPS, UNITS, dtype=torch.float64, generator=torch.Generator().manual_seed(4)
    )
    params = Constants(1.0, float("inf"), 0.0, 1.0, 0)
    quiet = simulate(one, trial.inputs, start, torch.zeros_like(perturbation))
    value, gradient = reward(trial, quiet.output)
    noisy = simulate(one, trial.inputs, start, perturbation)
    feedback = Feedback(reward(trial, noisy.output)[0], value, gradient)
    update, _ = node_perturbation.update(params, one, (), noisy, feedback)
    exact = reward_gradient(one, quiet, gradient)[0]
    mean = update.mean(0)
    cosine = (mean * exact).sum() / (mean.norm() * exact.norm())
    assert cosine > 0.99
    # dR = <leak a, xi>, and leak a outer r is the gradient: E[dW] = leak size^2 dR/dW
    slope = ((mean * exact).sum() / exact.square().sum()).item()
    assert slope == pytest.approx(net.leak * size**2, rel=0.1)


def test_bptt_rule_is_torch_adam():
    net = network(OFF)
    learner_weights = torch.nn.Parameter(net.weights.clone())
    optimiser = torch.optim.Adam([learner_weights], lr=0.01, maximize=True)
    learned = Rule("bptt", adam.Bptt(0.01, 0.9, 0.999, 1e-8), adam.init, adam.update, 0.7, 0)
    learner = start_learning(learned, net, KINDS)
    for experience in experiences(4):
        trajectory = simulate(learner.network, experience.trial.inputs, *experience[1:])
        gradient = reward_gradient(
            learner.network, trajectory, reward(experience.trial, trajectory.output)[1]
        )
        learner, _ = learn(learned, learner, *experience)
        learner_weights.grad = gradient
        optimiser.step()
        torch.testing.assert_close(learner.network.weights, learner_weights.detach(), rtol=1e-10, atol=1e-12)


def test_updates_leave_their_inputs_alone_and_repeat():
    for options in (ON, OFF):
        net, learned = network(options), rule(options, 3, warm_up=0)
        learner = start_learning(learned, net, KINDS)
        experience = experiences(2)[1]
        before = net.weights.clone()
        first, second = (learn(learned, learner, *experience) for _ in range(2))
        assert torch.equal(first[1].update, second[1].update)
        assert torch.equal(net.weights, before)
        assert learner.baseline.isnan().all()


def test_sizes_differ():
    assert len({BATCH, UNITS, STEPS, INPUTS, KINDS}) == 5


def test_node_perturbation_equals_the_slow_loop():
    net = network(ON)
    params = Constants(0.3, 0.002, 1.5, 0.5, 2)
    trial, start, perturbation = experiences(1)[0]
    seen = simulate(net, trial.inputs, start, perturbation)
    feedback = Feedback(
        torch.tensor([-0.4, -0.9]).double(), torch.tensor([-0.7, -0.5]).double(), trial.target
    )
    found, _ = node_perturbation.update(params, net, (), seen, feedback)
    exact = torch.zeros_like(net.weights)
    for b in range(BATCH):
        scale = 0.3 * abs(feedback.baseline[b]) ** 1.5 * (feedback.reward[b] - feedback.baseline[b])
        for i in range(UNITS):
            for j in range(UNITS):
                e = sum(0.5 * net.leak * perturbation[b, t, i] * seen.rate[b, t, j] for t in range(2, STEPS))
                exact[b, i, j] = 0.0 if net.clamped[i] else max(-0.002, min(0.002, scale * e))
    torch.testing.assert_close(found, exact, rtol=1e-12, atol=1e-15)
    share = (exact.abs() == 0.002).double().mean()
    assert 0.05 < share < 0.95
