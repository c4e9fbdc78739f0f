import torch

from random_numbers import noise
from threefactor import seeding
from threefactor.analysis.landscape import input_conditions
from threefactor.contract import Network
from threefactor.training.batch import select

CLAMPED = torch.tensor([False, False, True, False])


def network():
    state = torch.tensor([0.0, 0, -1, 0], dtype=torch.float64)
    return Network(torch.zeros(1, 4, 4).double(), noise(1, 4, 2), noise(1, 1, 4, seed=1), CLAMPED, state, 0.1)


def found():
    return input_conditions.search(network(), noise(5, 3), steps=20, tolerance=1e-10, separation=1e-3)


def test_without_recurrence_each_input_has_its_drive_as_fixed_point():
    free = ~CLAMPED
    for name, level in input_conditions.constant_inputs(2).items():
        expected = network().input_weights[0, free] @ torch.tensor(level).double()
        torch.testing.assert_close(found()[name].state, expected[None])


def test_starts_are_half_seen_and_repeat_with_their_generator():
    seen = noise(30, 3)
    first, second = (input_conditions.draw_starts(seen, 9, generator=seeding.generator(3)) for _ in range(2))
    torch.testing.assert_close(first, second, rtol=0, atol=0)
    assert [bool((row == seen).all(1).any()) for row in first] == [True] * 4 + [False] * 5


def test_networks_are_searched_as_each_alone():
    weights = 1.5 * noise(2, 4, 4, seed=3) / 2
    two = network()._replace(
        weights=weights, input_weights=noise(2, 4, 2), output_weights=noise(2, 1, 4, seed=1)
    )
    starts = noise(2, 9, 3, seed=4)
    settings = {"steps": 50, "tolerance": 1e-10, "separation": 1e-3}
    together = input_conditions.search_each(two, starts, **settings)
    for b in range(2):
        alone = input_conditions.search(select(two, slice(b, b + 1)), starts[b], **settings)
        assert together[b].keys() == alone.keys()
        for name, points in alone.items():
            torch.testing.assert_close(together[b][name].state, points.state)
            assert together[b][name].hits.tolist() == points.hits.tolist()
    states = [found["none"].state for found in together]
    assert states[0].shape != states[1].shape or not torch.allclose(*states)
