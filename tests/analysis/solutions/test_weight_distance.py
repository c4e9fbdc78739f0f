"""Distances between weights, with and without a permutation of units."""

import itertools

import pytest
import torch

from random_numbers import noise
from threefactor.analysis.solutions import weight_distance
from threefactor.analysis.solutions.compared import Compared


def compared(weights, input_weights, output_weights):
    """Return networks of which weights alone count."""
    nothing = torch.zeros(len(weights), 1, 1, weights.shape[1])
    given = weights, input_weights, output_weights
    return Compared(nothing, nothing[0], nothing[0, 0, :, 0].bool(), *given, shape_components=1)


def random(count=2, units=5):
    return compared(
        noise(count, units, units), noise(count, units, 2, seed=1), noise(count, 1, units, seed=2)
    )


def permuted(one, order):
    """Put the units of all networks into another order."""
    return one._replace(
        weights=one.weights[:, order][:, :, order],
        input_weights=one.input_weights[:, order],
        output_weights=one.output_weights[..., order],
    )


def joined(first, second):
    return compared(*(torch.cat([getattr(one, name) for one in (first, second)]) for name in WEIGHTS))


WEIGHTS = ("weights", "input_weights", "output_weights")


def differences(one, order):
    """Return the summed squared difference of each kind of weights, of two networks, one permuted."""
    first, second = ([getattr(each, name) for name in WEIGHTS] for each in (one, permuted(one, order)))
    return [float((a[0] - b[1]).square().sum()) for a, b in zip(first, second, strict=True)]


def test_plain_weights_differ_by_the_root_mean_square():
    weights = noise(3, 4, 4)
    found = weight_distance.weight_distance(weights)
    for one, other in itertools.combinations(range(3), 2):
        slow = (weights[one] - weights[other]).norm() / 4
        torch.testing.assert_close(found[one, other], slow)


def test_a_tiny_difference_keeps_its_digits():
    weights = noise(1, 6, 6).repeat(2, 1, 1)
    weights[1, 2, 3] += 1e-9
    found = float(weight_distance.weight_distance(weights)[0, 1])
    assert found == pytest.approx(1e-9 / 6, rel=1e-6)  # 1e-9 beside a weight of 1 has seven digits


@pytest.mark.parametrize("seed", range(5))
def test_the_order_of_units_does_not_count(seed):
    one = random(1, units=12)
    order = torch.randperm(12, generator=torch.Generator().manual_seed(seed))
    pair = joined(one, permuted(one, order))
    assert float(weight_distance.aligned_weight_distance(pair)[0, 1]) == 0
    assert float(weight_distance.weight_distance(pair.weights)[0, 1]) > 0.5
    close = pair._replace(weights=pair.weights + 0.02 * noise(2, 12, 12, seed=7))
    found = float(weight_distance.aligned_weight_distance(close)[0, 1])
    assert found == pytest.approx(0.02 * 2**0.5, rel=0.2)  # 144 weights: a sixth is three standard errors


def test_the_best_permutation_is_found_among_all_of_few_units():
    """The search may end at a local minimum: it is the best of all in most draws, and never below."""
    best, found = [], []
    for seed in range(10):
        draw = compared(
            noise(2, 5, 5, seed=seed), noise(2, 5, 2, seed=100 + seed), noise(2, 1, 5, seed=200 + seed)
        )
        orders = [list(order) for order in itertools.permutations(range(5))]
        totals = {tuple(order): differences(draw, order) for order in orders}
        best.append(min(sum(parts) for parts in totals.values()))
        graphs = weight_distance.graph(draw).numpy()
        parts = totals[tuple(weight_distance.best_permutation(*graphs, 5).tolist())]
        found.append(sum(parts))
        distance = float(weight_distance.aligned_weight_distance(draw)[0, 1])
        assert distance == pytest.approx((parts[0] / 25) ** 0.5)
    close = [one <= 1.1 * other for one, other in zip(found, best, strict=True)]
    assert all(one >= other - 1e-9 for one, other in zip(found, best, strict=True))
    assert sum(close) >= 7


def test_networks_of_one_initialisation_keep_their_units():
    start = random(1, units=12)
    pair = joined(start, start._replace(weights=start.weights + 0.1 * noise(1, 12, 12, seed=9)))
    aligned = weight_distance.aligned_weight_distance(pair)
    torch.testing.assert_close(aligned, weight_distance.weight_distance(pair.weights))
