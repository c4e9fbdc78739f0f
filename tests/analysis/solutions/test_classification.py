"""The group of a network, told from its distances."""

import numpy as np
import pytest

from analysis.solutions.groups import draw, euclidean
from threefactor import seeding
from threefactor.analysis.solutions.classification import leave_block_out, nearest_groups
from threefactor.analysis.solutions.permutation import one_hot


def test_nearest_group_equals_the_loop_over_blocks():
    rng = np.random.default_rng(1)
    points = rng.normal(size=(20, 3))
    labels, block = np.arange(20) % 3, np.arange(20) // 3
    found = nearest_groups(euclidean(points) ** 2, one_hot(labels), one_hot(block))
    for i in range(20):
        keep = block != block[i]
        centroids = [points[keep & (labels == g)].mean(0) for g in range(3)]
        assert found[i] == np.argmin([np.linalg.norm(points[i] - c) for c in centroids])


def test_classification_finds_groups_and_is_at_chance_without():
    apart = leave_block_out(*draw(6, shift=6.0), 99, generator=seeding.generator(0))
    assert apart.accuracy > 0.9
    assert apart.p == pytest.approx(0.01)
    np.testing.assert_allclose(apart.confusion.sum(1), 1)
    same = leave_block_out(*draw(6), 99, generator=seeding.generator(0))
    assert same.p > 0.05
    assert same.chance == pytest.approx(1 / 3, abs=0.08)


def test_a_shared_initialisation_does_not_give_the_group_away():
    # every block has one group, so that points of a block are close but tell nothing of other blocks
    rng = np.random.default_rng(2)
    block = np.repeat(np.arange(30), 4)
    labels = block % 2
    points = rng.normal(size=(30, 3))[block] * 5 + 0.01 * rng.normal(size=(120, 3))
    blind = nearest_groups(euclidean(points) ** 2, one_hot(labels), one_hot(block))
    leaky = nearest_groups(euclidean(points) ** 2, one_hot(block), one_hot(np.arange(120)))
    assert (leaky == block).mean() > 0.99
    assert (blind == labels).mean() < 0.75


def test_a_group_of_one_block_is_never_found_and_no_group_is_minus_one():
    squared = euclidean(np.arange(3.0)[:, None]) ** 2
    assert (
        nearest_groups(squared, one_hot(np.array([0, 0, 1])), one_hot(np.zeros(3, int))).tolist() == [-1] * 3
    )


def test_a_group_of_one_block_does_not_spoil_the_others():
    distances, labels, block = draw(6, blocks=12, shift=4.0)
    labels = np.where(
        block == 3, 7, labels
    )  # a group that only one block has: never found, and never in the way
    members, blocks = one_hot(labels), one_hot(block)
    found = nearest_groups(distances**2, members, blocks)
    truth = members.argmax(1)
    assert (found[block == 3] != truth[block == 3]).all()
    assert (found[block != 3] == truth[block != 3]).mean() > 0.8
