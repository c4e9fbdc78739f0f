"""What distances between networks are computed from."""

import torch

from random_numbers import noise
from threefactor.analysis.solutions.compared import of_networks, together
from threefactor.contract import Network


def network(seed):
    clamped = torch.tensor([False, True, False, False, True])
    return Network(
        noise(2, 5, 5, seed=seed),
        noise(2, 5, 3, seed=seed),
        noise(2, 1, 5, seed=seed),
        clamped,
        clamped.double(),
        0.1,
    )


def part(seed):
    return of_networks(
        network(seed), noise(2, 4, 6, 3, seed=seed), noise(4, 6, 3), torch.arange(6) > 2, shape_components=2
    )


def test_weights_are_those_of_free_units_in_the_order_of_the_networks():
    whole = together([part(0), part(1)])
    free = [0, 2, 3]
    for row, (seed, number) in enumerate([(0, 0), (0, 1), (1, 0), (1, 1)]):
        own = network(seed)
        for i, unit in enumerate(free):
            assert torch.equal(whole.weights[row, i], own.weights[number, unit, free])
            assert torch.equal(whole.input_weights[row, i], own.input_weights[number, unit])
            assert whole.output_weights[row, 0, i] == own.output_weights[number, 0, unit]
    assert whole.rates.shape == (4, 4, 6, 3)
    assert torch.equal(whole.samples[2, 6 + 1], whole.rates[2, 1, 1])
