"""Alignment of two kernels."""

import pytest
import torch

from random_numbers import noise
from threefactor.analysis.representation.representation_alignment import representation_alignment


def test_representation_alignment_equals_the_loop_and_knows_rotations_from_other_maps():
    before, after = noise(2, 6, 4), noise(2, 6, 5, seed=1)
    first, second = before[1] @ before[1].T, after[1] @ after[1].T
    slow = torch.trace(first @ second) / (first.norm() * second.norm())
    assert float(representation_alignment(before, after)[1]) == pytest.approx(float(slow))
    rotation = torch.linalg.qr(noise(4, 4, seed=2))[0]
    torch.testing.assert_close(
        representation_alignment(before, 3 * before @ rotation), torch.ones(2, dtype=torch.float64)
    )
    assert (representation_alignment(before, before @ noise(4, 4, seed=3)) < 0.999).all()
