"""RFLO and e-prop against what theory says of them: they are parts of the gradient by BPTT."""

import pytest
import torch

import references
from small_runs import BATCH, OFF, ON, OUTPUTS, STEPS, UNITS, experiences, network
from threefactor.contract import Feedback, Rule
from threefactor.kernels import scans
from threefactor.learning_rules import eprop, rflo
from threefactor.learning_rules.local_gradient import LocalGradient, local_gradient
from threefactor.network.bptt import reward_gradient
from threefactor.network.simulate import simulate, slope
from threefactor.tasks.reward import reward
from threefactor.training.trial import learn, start_learning

RULES = pytest.mark.parametrize("rule", [rflo, eprop], ids=["rflo", "eprop"])
VARIANTS = pytest.mark.parametrize("variant", [ON, OFF], ids=["on", "off"])
EXACT = {"rtol": 1e-10, "atol": 1e-14}  # sums of the same terms in another order
UNCLIPPED = LocalGradient(1.0, float("inf"), None)


def sampled(net, seed=1):
    """Return one trial of a network: the trial, its trajectory, and dR/dy."""
    experience = experiences(1, seed=seed)[0]
    trajectory = simulate(net, experience.trial.inputs, experience.start, experience.perturbation)
    return experience, trajectory, reward(experience.trial, trajectory.output)[1]


def updated(rule, params, net, trajectory, output_gradient):
    """Return the update of a trial, the reward of which does not count."""
    unused = torch.full((BATCH,), torch.nan, dtype=output_gradient.dtype)
    return rule.update(params, net, (), trajectory, Feedback(unused, unused, output_gradient))[0]


@RULES
@VARIANTS
def test_the_update_equals_the_slow_loop(rule, variant):
    net = network(variant)
    _, trajectory, output_gradient = sampled(net)
    broadcast = torch.randn(OUTPUTS, UNITS, dtype=torch.float64, generator=torch.Generator().manual_seed(5))
    found = updated(rule, LocalGradient(0.7, 0.002, broadcast), net, trajectory, output_gradient)
    exact = torch.zeros_like(net.weights)
    for b in range(BATCH):
        for i in range(UNITS):
            for j in range(UNITS):
                eligibility = total = 0.0
                for t in range(STEPS):
                    eligibility += (
                        0 if net.clamped[i] else net.leak * (trajectory.rate[b, t, j] - eligibility)
                    )
                    signal = sum(broadcast[o, i] * output_gradient[b, t, o] for o in range(OUTPUTS))
                    total += signal * (1 - torch.tanh(trajectory.state[b, t + 1, i]) ** 2) * eligibility
                exact[b, i, j] = max(-0.002, min(0.002, 0.7 * total))
    torch.testing.assert_close(found, exact, **EXACT)
    share = (exact.abs() == 0.002).double().mean()
    assert 0.05 < share < 0.95


@RULES
@VARIANTS
def test_symmetric_feedback_is_bptt_without_recurrent_weights_in_its_adjoint(rule, variant):
    net = network(variant)
    _, trajectory, output_gradient = sampled(net)
    found = updated(rule, UNCLIPPED, net, trajectory, output_gradient)
    source = torch.zeros_like(trajectory.state)
    source[:, 1:] = slope(net, trajectory)[:, 1:] * (output_gradient @ net.output_weights)
    adjoint = scans.adjoint_scan(
        torch.zeros_like(net.weights), slope(net, trajectory), source, net.clamped, net.leak
    )
    kept = net.leak * adjoint[:, 1:].mT @ trajectory.rate * ~net.clamped[:, None]
    torch.testing.assert_close(found, kept, **EXACT)
    whole = reward_gradient(net, trajectory, output_gradient)
    assert (found - whole).norm() > 0.05 * whole.norm(), "recurrent weights matter here"


@RULES
@VARIANTS
def test_symmetric_feedback_is_the_whole_gradient_where_there_are_no_recurrent_weights(rule, variant):
    net = network(variant)
    net = net._replace(weights=torch.zeros_like(net.weights))
    _, trajectory, output_gradient = sampled(net)
    found = updated(rule, UNCLIPPED, net, trajectory, output_gradient)
    torch.testing.assert_close(found, reward_gradient(net, trajectory, output_gradient), **EXACT)
    assert found.abs().max() > 1e-3


@VARIANTS
def test_exact_learning_signals_give_the_whole_gradient(variant):
    """Bellec et al. (2020), equation 1, with the total derivative with respect to each rate taken by autograd."""
    net = network(variant)
    experience, trajectory, output_gradient = sampled(net)
    nudge = torch.zeros(BATCH, STEPS, UNITS, dtype=torch.float64, requires_grad=True)
    free = (~net.clamped).double()
    state, rate, outputs = experience.start, torch.tanh(experience.start), []
    for t in range(STEPS):
        drive = torch.einsum("bic,bc->bi", net.input_weights, experience.trial.inputs[:, t])
        recurrent = torch.einsum("bij,bj->bi", net.weights, rate)
        state = state + free * net.leak * (-state + recurrent + drive + experience.perturbation[:, t])
        rate = torch.tanh(state) + nudge[:, t]
        outputs.append(torch.einsum("boi,bi->bo", net.output_weights, rate))
    output = torch.stack(outputs, 1)
    torch.testing.assert_close(output.detach(), trajectory.output, **EXACT)
    ((output - experience.trial.target) ** 2).mean(2).mul(experience.trial.window).sum().neg().backward()
    found = local_gradient(net, trajectory, nudge.grad)
    whole = reward_gradient(net, trajectory, output_gradient)
    torch.testing.assert_close(found, whole, **EXACT)
    direct = local_gradient(net, trajectory, output_gradient @ net.output_weights)
    assert (direct - whole).norm() > 0.05 * whole.norm(), "the signals through the network matter here"


@RULES
def test_feedback_by_the_weights_of_the_readout_is_symmetric_feedback(rule):
    net = network(ON)
    net = net._replace(output_weights=net.output_weights[:1].expand(BATCH, -1, -1))
    _, trajectory, output_gradient = sampled(net)
    symmetric = updated(rule, UNCLIPPED, net, trajectory, output_gradient)
    fixed = LocalGradient(1.0, float("inf"), net.output_weights[0])
    # one product for all networks and one for each may round differently
    torch.testing.assert_close(
        updated(rule, fixed, net, trajectory, output_gradient), symmetric, rtol=1e-12, atol=1e-16
    )
    other = LocalGradient(1.0, float("inf"), net.output_weights[0].flip(1))
    assert not torch.allclose(updated(rule, other, net, trajectory, output_gradient), symmetric)


@RULES
def test_symmetric_feedback_reaches_an_output_unit_alone(rule):
    net = network(OFF)
    _, trajectory, output_gradient = sampled(net)
    found = updated(rule, UNCLIPPED, net, trajectory, output_gradient)
    assert (found[:, :OUTPUTS] != 0).all()
    assert (found[:, OUTPUTS:] == 0).all()


@RULES
def test_learning_ascends_repeats_and_leaves_clamped_rows_and_inputs_alone(rule):
    net = network(ON)
    learned = Rule("local", UNCLIPPED._replace(learning_rate=1e-3), rule.init, rule.update, 0.7, 0)
    learner, experience = start_learning(learned, net, 4), experiences(1)[0]
    before = net.weights.clone()
    (after, first), (_, second) = (learn(learned, learner, *experience) for _ in range(2))
    assert torch.equal(first.update, second.update)
    assert torch.equal(net.weights, before)
    assert (first.update[:, 2] == 0).all()
    assert (first.update[:, [0, 1, 3, 4]] != 0).all()
    states = references.simulate(net, after.network.weights, experience.trial.inputs, *experience[1:])
    output = torch.tanh(torch.stack(states[1:], 1)) @ net.output_weights.mT
    assert (reward(experience.trial, output)[0] > first.feedback.reward).all()
