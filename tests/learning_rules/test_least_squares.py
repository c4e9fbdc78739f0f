"""Recursive least squares against the solution in closed form."""

import pytest
import torch

from small_runs import BATCH, ON, OUTPUTS, UNITS, network
from threefactor.learning_rules.least_squares import Fit, after_sample, along, apply, first_inverse

STEPS, REGULARISATION = 13, 0.3
EXACT = {
    "rtol": 1e-10,
    "atol": 1e-12,
}  # one solution by two ways of solving, of matrices conditioned below 1e3


def drawn():
    """Return weights, rates and targets, of which some are wanted of no output and some of one output only."""
    noise = {"generator": torch.Generator().manual_seed(6), "dtype": torch.float64}
    rates = torch.tanh(torch.randn(BATCH, STEPS, UNITS, **noise))
    wanted = torch.randn(BATCH, STEPS, OUTPUTS, **noise)
    wanted[:, :3] = torch.nan
    wanted[1, 5:8] = torch.nan
    return network(ON), rates, wanted


def ridge(weights, rates, wanted):
    """Minimise the squared errors of samples (t) plus the regularisation, for one network."""
    inverse = torch.linalg.inv(rates.T @ rates + REGULARISATION * torch.eye(UNITS, dtype=rates.dtype))
    return (wanted.T @ rates + REGULARISATION * weights) @ inverse, inverse


@pytest.mark.parametrize("interval", [1, 2])
def test_every_sample_leaves_the_ridge_solution(interval):
    net, rates, wanted = drawn()
    start = Fit(net.output_weights, first_inverse(net, REGULARISATION))
    found = along(start, rates, wanted, interval)
    for b in range(BATCH):
        taken = [t for t in range(0, STEPS, interval) if not wanted[b, t].isnan().any()]
        assert 0 < len(taken) < STEPS
        weights, inverse = ridge(net.output_weights[b], rates[b, taken], wanted[b, taken])
        torch.testing.assert_close(found.weights[b], weights, **EXACT)
        torch.testing.assert_close(found.inverse[b], inverse, **EXACT)
    assert torch.equal(found.inverse, found.inverse.mT)


def test_trials_go_on_where_the_last_one_ended():
    net, rates, wanted = drawn()
    start = Fit(net.output_weights, first_inverse(net, REGULARISATION))
    whole = along(start, rates, wanted, 1)
    parts = along(along(start, rates[:, :6], wanted[:, :6], 1), rates[:, 6:], wanted[:, 6:], 1)
    for one, other in zip(whole, parts, strict=True):
        assert torch.equal(one, other)


def test_an_output_of_which_nothing_is_wanted_has_no_error_and_a_network_without_any_rests():
    net, rates, _ = drawn()
    start = Fit(net.output_weights, first_inverse(net, REGULARISATION))
    output = apply(start.weights, rates[:, 0])
    wanted = torch.tensor([[torch.nan, 0.4], [torch.nan, torch.nan]], dtype=torch.float64)
    found = after_sample(start, rates[:, 0], output, wanted)
    assert torch.equal(found.weights[0, 0], start.weights[0, 0])
    left = 0.4 - apply(found.weights, rates[:, 0])[0, 1]
    assert 0 < left.abs() < (0.4 - output[0, 1]).abs()
    for one, other in zip(found, start, strict=True):
        assert torch.equal(one[1], other[1])
        assert not torch.equal(one[0], other[0])
