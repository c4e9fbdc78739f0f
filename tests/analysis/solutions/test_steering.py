"""What steers a walk, against autograd and the similarity that distances are of."""

import torch

from dnms_run import environment, networks
from random_numbers import noise
from small_runs import DOUBLE, relative
from threefactor.analysis.solutions.cka import linear_cka
from threefactor.analysis.solutions.steering import away_from, uphill
from threefactor.derivatives.task_error import noise_free, run
from threefactor.training.batch import convert

TASK = environment().task
MOMENTS = torch.tensor([2, 9, 31])


def test_the_similarity_is_cka_and_its_derivative_that_of_autograd():
    reference, rates = noise(2, 3, 7, 4)
    value, gradient = away_from(reference, MOMENTS).ascended(rates)
    recorded = rates.clone().requires_grad_()
    pairs = zip(recorded, reference, strict=True)
    exact = -torch.stack([linear_cka(torch.stack(pair))[0, 1] for pair in pairs])
    torch.testing.assert_close(value, exact.detach())
    assert relative(gradient, torch.autograd.grad(exact.sum(), recorded)[0]) < 1e-12
    at_reference = away_from(reference, MOMENTS).ascended(reference)
    torch.testing.assert_close(at_reference[0], -torch.ones(3, dtype=DOUBLE))
    assert at_reference[1].abs().max() < 1e-14


def test_uphill_is_the_derivative_with_respect_to_the_weights():
    net = convert(networks(2), dtype=DOUBLE)
    free = ~net.clamped
    reference = noise(2, 12, int(free.sum()), seed=4)  # 4 trial types, 3 moments
    steering = away_from(reference, MOMENTS)
    recorded = net._replace(weights=net.weights.clone().requires_grad_())
    state = run(recorded, noise_free(recorded, TASK)).trajectory.state
    seen = torch.tanh(state[:, 1:])[:, MOMENTS][:, :, free].unflatten(0, (2, 4)).flatten(1, 2)
    pairs = zip(seen, reference, strict=True)
    exact = -torch.stack([linear_cka(torch.stack(pair))[0, 1] for pair in pairs]).sum()
    found = uphill(run(net, noise_free(net, TASK)), steering)
    assert relative(found, torch.autograd.grad(exact, recorded.weights)[0]) < 1e-12
