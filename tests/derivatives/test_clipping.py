"""The bits of what was not clipped."""

import pytest
import torch

from small_runs import DOUBLE, ON, rule
from threefactor.derivatives import clipping


@pytest.mark.parametrize("count", [1, 7, 8, 25])
def test_bits_are_found_again(count):
    truth = torch.rand(3, count, generator=torch.Generator().manual_seed(5)) < 0.5
    bits = clipping.pack(truth)
    assert bits.shape == (3, -(-count // 8))
    assert torch.equal(clipping.unpack(bits, count), truth.to(torch.uint8))


@pytest.mark.parametrize("weight_decay", [0.0, 0.01, 30.0])
@pytest.mark.parametrize("dtype", [DOUBLE, torch.float32])
def test_clipped_updates_are_known_from_what_they_left(weight_decay, dtype):
    """However much larger the decay of the weights is."""
    g = torch.Generator().manual_seed(5)
    weights, proposed = (torch.randn(3, 40, 40, generator=g, dtype=DOUBLE).to(dtype) for _ in range(2))
    params = rule(ON, 1).params._replace(weight_decay=weight_decay, clip=0.3)
    update = proposed.clamp(-0.3, 0.3) - weight_decay * weights
    found = clipping.unpack(clipping.unclipped(params, weights, update), 1600).view(3, 40, 40)
    assert torch.equal(found, (proposed.abs() < 0.3).to(torch.uint8))
