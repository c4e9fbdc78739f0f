"""The tangent kernel: products of the gradients that autograd finds, and what its alignment ignores."""

import pytest
import torch

from analysis.landscape.slow_gradients import AT, TYPES, gradients, kernel, made
from small_runs import BATCH, OFF, ON, OUTPUTS
from threefactor.analysis.landscape.tangent_kernel import (
    tangent_kernel_alignment,
    tangent_kernel_growth,
)

CASES = {
    "tanh, clamped, random readout": (ON, "tanh", "dense"),
    "relu, some synapses": (ON, "relu", "sparse"),
    "softplus, unit readout": (OFF, "softplus", "dense"),
}


@pytest.mark.parametrize("case", CASES)
def test_the_kernel_is_that_of_the_gradients_by_autograd(case):
    network = made(*CASES[case])
    found = kernel(network)
    assert found.shape == (BATCH, *[TYPES * len(AT) * OUTPUTS] * 2)
    exact = gradients(network)
    slow = torch.einsum("bqij,bpij->bqp", exact, exact)
    torch.testing.assert_close(found, slow, rtol=1e-10, atol=1e-12)  # sums in another order
    assert (found[0] - found[1]).abs().max() > 1e-3


def test_alignment_is_the_cosine_and_other_weights_lower_it():
    network = made(ON, "tanh", "dense")
    other = network._replace(weights=1.3 * network.weights)
    before, after = (kernel(one) for one in (network, other))
    alignment = tangent_kernel_alignment(before, after)
    slow = [torch.trace(k @ l) / (k.norm() * l.norm()) for k, l in zip(before, after, strict=True)]
    assert alignment.tolist() == pytest.approx([float(value) for value in slow], rel=1e-12)
    assert (alignment < 0.999).all()


def test_alignment_ignores_the_size_of_the_readout_and_growth_is_its_square():
    network = made(ON, "tanh", "dense")
    larger = network._replace(output_weights=3 * network.output_weights)
    other = network._replace(output_weights=network.output_weights.flip(2))
    usual, tripled, flipped = (kernel(one) for one in (network, larger, other))
    assert tangent_kernel_alignment(usual, tripled).tolist() == pytest.approx([1.0] * BATCH, rel=1e-12)
    assert tangent_kernel_growth(usual, tripled).tolist() == pytest.approx([9.0] * BATCH, rel=1e-12)
    assert (tangent_kernel_alignment(usual, flipped) < 0.99).all()
