"""Training and test sets."""

import numpy as np
import pytest

from threefactor import seeding
from threefactor.analysis.solutions.splits import group_splits, left_out


def test_groups_stay_together_and_a_quarter_is_tested():
    groups = np.repeat(np.arange(8) * 3, 5)
    splits = group_splits(groups, 10, 0.25, generator=seeding.generator(0))
    assert len(splits) == 10
    for split in splits:
        assert (split.train == ~split.test).all()
        assert not set(groups[split.train]) & set(groups[split.test])
        assert len(set(groups[split.test])) == 2
    assert len({split.test.tobytes() for split in splits}) > 5


def test_nothing_to_learn_from_is_refused():
    with pytest.raises(ValueError, match="must leave at least one"):
        group_splits(np.zeros(4, int), 1, 0.25, generator=seeding.generator(0))
    with pytest.raises(ValueError, match="must have two levels"):
        left_out([np.zeros(4, int)])


def test_what_is_left_out_shares_no_level_with_what_is_learned_from():
    task, gain = (x.ravel() for x in np.meshgrid(np.arange(2), np.arange(3)))
    splits = left_out([task, gain])
    assert len(splits) == 6
    for split in splits:
        assert split.test.sum() == 1
        assert split.train.sum() == 2  # the two other gains of the other task
        assert not set(task[split.train]) & set(task[split.test])
        assert not set(gain[split.train]) & set(gain[split.test])


def test_a_level_of_all_networks_is_passed_over():
    gain = np.array([0, 1, 2, 0])
    one, other = left_out([np.zeros(4, int), gain]), left_out([gain])
    assert len(one) == 3
    assert all(
        (a.train == b.train).all() and (a.test == b.test).all() for a, b in zip(one, other, strict=True)
    )
