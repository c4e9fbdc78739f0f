"""Permutations within blocks."""

import numpy as np
import pytest

from threefactor import seeding
from threefactor.analysis.solutions.permutation import p_value, permutations_within


def test_permutations_stay_within_blocks_and_move_within_them():
    blocks = np.array([3, 1, 3, 3, 1, 8])
    positions = permutations_within(blocks, 200, generator=seeding.generator(0))
    assert (blocks[positions] == blocks).all()
    assert (np.sort(positions, axis=1) == np.arange(6)).all()
    assert len(np.unique(positions, axis=0)) == 12  # 3! 2! 1!


def test_p_value_counts_itself():
    assert p_value(2.0, np.array([1.0, 2.0, 3.0])) == pytest.approx(3 / 4)
