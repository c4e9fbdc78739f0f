"""Weight changes in random directions have the spectrum of learned ones, and nothing else of them."""

import pytest
import torch

from dnms_run import networks
from random_numbers import noise
from small_runs import DOUBLE
from threefactor import seeding
from threefactor.analysis.solutions.random_directions import haar, with_random_directions
from threefactor.training.batch import convert

COUNT = 6


def source(name="directions"):
    return seeding.generator(5, name)


def learned():
    """Return networks before and after a change of rank two on free rows."""
    net = convert(networks(COUNT), dtype=DOUBLE)
    change = noise(COUNT, 12, 2) @ noise(COUNT, 2, 12, seed=1) * ~net.clamped[:, None]
    return net, net._replace(weights=net.weights + change, output_weights=2 * net.output_weights)


def test_the_spectrum_is_kept_and_the_directions_are_not():
    before, after = learned()
    found = with_random_directions(before, after, generator=source())
    change, drawn = after.weights - before.weights, found.weights - before.weights
    values = [torch.linalg.svdvals(part) for part in (change, drawn)]
    torch.testing.assert_close(values[1], values[0], rtol=1e-10, atol=1e-12)
    assert not drawn[:, before.clamped].any()
    assert torch.equal(found.output_weights, after.output_weights)
    cosine = (change * drawn).sum((1, 2)) / (change.flatten(1).norm(dim=1) * drawn.flatten(1).norm(dim=1))
    assert (
        cosine.abs().max() < 0.35
    )  # of two random directions: 0.09 is the standard deviation in 120 dimensions
    again, other = (with_random_directions(before, after, generator=source(n)) for n in ("directions", "o"))
    assert torch.equal(again.weights, found.weights)
    assert not torch.allclose(other.weights, found.weights)


def test_columns_are_orthonormal_and_uniform():
    drawn = haar(4000, 3, 2, generator=source())
    torch.testing.assert_close(drawn.mT @ drawn, torch.eye(2, dtype=DOUBLE).expand(4000, -1, -1))
    # entries of a uniform unit vector of R³: mean 0, mean square 1/3, mean fourth power 1/5
    for power, mean in ((1, 0.0), (2, 1 / 3), (4, 1 / 5)):
        error = drawn.pow(power).std(0) / 4000**0.5
        assert ((drawn.pow(power).mean(0) - mean).abs() < 4 * error).all()


def test_constrained_synapses_are_refused():
    before, after = learned()
    sparse = before._replace(exists=torch.ones_like(before.weights, dtype=torch.bool))
    with pytest.raises(ValueError, match="exists = a tensor: must be None"):
        with_random_directions(sparse, after, generator=source())
