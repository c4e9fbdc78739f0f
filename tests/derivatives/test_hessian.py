"""Products with the Hessian, against autograd, central differences and what a Hessian must be."""

from itertools import pairwise

import pytest
import torch

from dnms_run import environment, networks
from network_options import options_network
from random_numbers import noise
from small_runs import DOUBLE, ON, relative
from threefactor.derivatives import hessian
from threefactor.derivatives.task_error import error_gradient, mean_error, noise_free, run
from threefactor.tasks import dpa
from threefactor.training.batch import convert

TASK = environment().task


def small(activation="tanh", connectivity="dense"):
    """Return networks of five units with two outputs and a task for them."""
    net = convert(options_network(ON, activation, connectivity), dtype=DOUBLE)
    task = dpa.make(400, 20, 0.98, "graded")
    inputs = noise(len(net.weights), net.weights.shape[1], task.inputs, seed=3)
    outputs = noise(len(net.weights), task.outputs, net.weights.shape[1], seed=4)
    return net._replace(input_weights=inputs, output_weights=outputs), task


def by_autograd(net, task, direction):
    """Differentiate the error twice."""
    recorded = net._replace(weights=net.weights.clone().requires_grad_())
    error = mean_error(run(recorded, noise_free(recorded, task)), "squared")[0]
    (gradient,) = torch.autograd.grad(error.sum(), recorded.weights, create_graph=True)
    (second,) = torch.autograd.grad((gradient * direction).sum(), recorded.weights)
    return second


@pytest.mark.parametrize("connectivity", ["dense", "sparse"])
@pytest.mark.parametrize("activation", ["tanh", "relu", "softplus"])
def test_products_equal_those_of_autograd(activation, connectivity):
    net, task = small(activation, connectivity)
    allowed = torch.ones_like(net.weights, dtype=torch.bool) if net.exists is None else net.exists
    direction = noise(*net.weights.shape, seed=5) * allowed
    found = hessian.product(hessian.linearise(net, task), direction)
    exact = by_autograd(net, task, direction) * allowed
    assert relative(found, exact) < 1e-13  # rounding of sums over 20 steps and 4 to 9 trial types
    assert (found[:, net.clamped] == 0).all()
    assert found.flatten(1).any(1).all()


def test_central_differences_of_the_gradient_converge_to_products_at_their_order():
    net = convert(networks(3), dtype=DOUBLE)
    direction = noise(*net.weights.shape)
    exact = hessian.product(hessian.linearise(net, TASK), direction)

    def gradient(step):
        moved = net._replace(weights=net.weights + step * direction)
        return error_gradient(run(moved, noise_free(moved, TASK)), "squared")[1]

    errors = [
        relative((gradient(step) - gradient(-step)) / (2 * step), exact) for step in (1e-2, 5e-3, 2.5e-3)
    ]
    for longer, shorter in pairwise(errors):
        assert longer / shorter == pytest.approx(4, rel=0.1)  # second order, and a little of the fourth


def test_the_hessian_is_symmetric_and_sees_no_weight_that_cannot_be():
    net, task = small("softplus", "sparse")
    point = hessian.linearise(net, task)
    first, second = noise(2, *net.weights.shape, seed=6)
    left = (hessian.product(point, first) * second).sum((1, 2))
    right = (hessian.product(point, second) * first).sum((1, 2))
    torch.testing.assert_close(left, right, rtol=1e-12, atol=1e-14)
    elsewhere = first * ~net.exists + 100 * net.clamped[:, None]
    assert torch.equal(
        hessian.product(point, first + elsewhere), hessian.product(point, first + 0 * elsewhere)
    )
