"""The noise-free errors and their gradients, against evaluation and autograd."""

import pytest
import torch

from dnms_run import environment, networks
from network_options import options_network
from random_numbers import noise
from small_runs import DOUBLE, ON, relative
from threefactor.derivatives.task_error import error_gradient, mean_error, noise_free, onto_weights, run
from threefactor.tasks import dpa
from threefactor.training.batch import convert
from threefactor.training.evaluation import evaluate

TASK = environment().task


def test_the_absolute_error_is_that_of_the_levels():
    net = convert(networks(3), dtype=DOUBLE)
    error = mean_error(run(net, noise_free(net, TASK)), "graded")[0]
    torch.testing.assert_close(error, evaluate(net, TASK).error, rtol=1e-12, atol=0)


def test_the_squared_error_is_a_mean_over_types_window_and_outputs():
    net = convert(options_network(ON, "tanh", "dense"), dtype=DOUBLE)
    task = dpa.make(400, 20, 0.98, "graded")
    net = net._replace(input_weights=noise(2, 5, task.inputs), output_weights=noise(2, task.outputs, 5))
    runs = run(net, noise_free(net, task))
    found = mean_error(runs, "squared")[0]
    for b in range(2):
        total = 0.0
        for y in range(runs.trials):
            row = b * runs.trials + y
            for t in runs.trial.window[row].nonzero()[:, 0].tolist():
                error = (runs.trajectory.output[row, t] - runs.trial.target[row, t]) ** 2
                share = 1 / task.outputs if runs.trial.share is None else runs.trial.share[row]
                total += float(runs.trial.window[row, t] * (share * error).sum())
        assert total / runs.trials == pytest.approx(float(found[b]), rel=1e-12)


@pytest.mark.parametrize("kind", ["graded", "squared"])
def test_gradients_equal_those_of_autograd(kind):
    net = convert(networks(2), dtype=DOUBLE)
    exists = noise(*net.weights.shape, seed=2) > -0.5
    net = net._replace(exists=exists, weights=net.weights * exists)
    recorded = net._replace(weights=net.weights.clone().requires_grad_())
    error = mean_error(run(recorded, noise_free(recorded, TASK)), kind)[0]
    (exact,) = torch.autograd.grad(error.sum(), recorded.weights)
    assert relative(error_gradient(run(net, noise_free(net, TASK)), kind)[1], exact * exists) < 1e-13


def test_what_depends_on_all_rates_is_taken_back_to_the_weights():
    net = convert(networks(2), dtype=DOUBLE)
    runs = run(net, noise_free(net, TASK))
    towards = noise(*runs.trajectory.rate.shape, seed=4)
    recorded = net._replace(weights=net.weights.clone().requires_grad_())
    state = run(recorded, noise_free(recorded, TASK)).trajectory.state
    (exact,) = torch.autograd.grad((torch.tanh(state[:, 1:]) * towards).sum(), recorded.weights)
    assert relative(onto_weights(runs, towards), exact) < 1e-13
