"""Noise-free performance, against a loop over trial types."""

import torch

import references
from dnms_run import environment, networks
from small_runs import DOUBLE
from threefactor.tasks import context
from threefactor.training.batch import convert
from threefactor.training.evaluation import evaluate


def by_hand(net, task):
    """Simulate a trial of each type from rest, network by network; error and share of right answers."""
    error, right = torch.zeros(2, len(net.weights), dtype=DOUBLE)
    for y in range(len(task.trial_types)):
        trial = task.draw(torch.full((len(net.weights),), y), generator=None, dtype=DOUBLE)
        start = (net.clamped * net.clamped_state).expand(len(net.weights), -1)
        quiet = torch.zeros(*trial.inputs.shape[:2], len(net.clamped), dtype=DOUBLE)
        states = references.simulate(net, net.weights, trial.inputs, start, quiet)
        for b in range(len(net.weights)):
            window = trial.window[b].nonzero()[:, 0].tolist()
            outputs = [(net.output_weights[b, 0] * torch.tanh(states[t + 1][b])).sum() for t in window]
            target = trial.target[b, window[0], 0]
            error[b] += sum(abs(output - target) for output in outputs) / len(window)
            right[b] += sum(outputs) * target > 0
    return error / len(task.trial_types), right / len(task.trial_types)


def test_performance_is_that_of_one_trial_of_each_type_from_rest():
    net, task = convert(networks(5), dtype=DOUBLE), environment().task
    found = evaluate(net, task)
    error, right = by_hand(net, task)
    torch.testing.assert_close(found.error, error, rtol=1e-12, atol=1e-13)
    assert torch.equal(found.correct, right)
    assert len(set(found.error.tolist())) == 5
    assert net.clamped_state.any(), "a start of clamped units matters"


def test_noise_of_the_task_is_left_out():
    net = convert(networks(3), dtype=DOUBLE)
    net = net._replace(input_weights=net.input_weights.repeat(1, 1, 2))  # context has four input channels
    quiet, noisy = (context.make(500, 20, 0.98, "graded", noise=noise) for noise in (0.0, 5.0))
    assert torch.equal(evaluate(net, noisy).error, evaluate(net, quiet).error)
    error, right = by_hand(net, noisy)
    torch.testing.assert_close(evaluate(net, noisy).error, error, rtol=1e-12, atol=1e-13)
    assert torch.equal(evaluate(net, noisy).correct, right)
    assert (right > 0).any()
