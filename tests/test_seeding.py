"""Randomness by seed and purpose."""

import torch

from threefactor import seeding


def test_seeds_and_purposes_give_different_numbers():
    draws = [
        torch.rand(3, generator=seeding.generator(*key))
        for key in [(1, "a"), (2, "a"), (1, "b"), (1, "a", 0), (1, "a0")]
    ]
    assert len({tuple(d.tolist()) for d in draws}) == len(draws)
    assert torch.equal(draws[0], torch.rand(3, generator=seeding.generator(1, "a")))
