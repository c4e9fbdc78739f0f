import numpy as np
import pytest
from scipy.stats import f_oneway, kstest

from threefactor import seeding
from threefactor.analysis.solutions.classification import leave_block_out, nearest_groups
from threefactor.analysis.solutions.dispersion import centroid_distances, dispersion
from threefactor.analysis.solutions.permanova import permanova
from threefactor.analysis.solutions.permutation import one_hot, p_value, permutations_within


def euclidean(points):
    return np.linalg.norm(points[:, None] - points, axis=2)


def draw(seed, groups=3, blocks=7, dimensions=4, shift=0.0, block_scale=0.0, scale=None):
    """Draw points of groups crossed with blocks; block 0 lacks the last group."""
    rng = np.random.default_rng(seed)
    labels, block = (x.ravel()[:-1] for x in np.meshgrid(np.arange(groups), np.arange(blocks)[::-1]))
    width = np.ones(groups) if scale is None else np.asarray(scale)
    points = rng.normal(size=(len(labels), dimensions)) * width[labels, None]
    points += block_scale * rng.normal(size=(blocks, dimensions))[block]
    points[:, 0] += shift * labels
    return euclidean(points), labels, block


def test_f_by_hand():
    # points 0, 2 | 10, 14: SS_T = 131, SS_W = 2 + 8, F = (121 / 1) / (10 / 2)
    distances = euclidean(np.array([[0.0], [2], [10], [14]]))
    found = permanova(distances, np.array([5, 5, 9, 9]), np.zeros(4, int), 9, generator=seeding.generator(0))
    assert found.statistic == pytest.approx(121 / 5)
    assert found.effect == pytest.approx(121 / 131)
    assert found.groups == 2


def test_in_one_dimension_it_is_the_analysis_of_variance():
    _, labels, block = draw(1)
    line = np.random.default_rng(3).normal(size=len(labels))
    found = permanova(euclidean(line[:, None]), labels, block, 19, generator=seeding.generator(0))
    assert found.statistic == pytest.approx(f_oneway(*(line[labels == g] for g in range(3))).statistic)


def test_permutations_stay_within_blocks_and_move_within_them():
    blocks = np.array([3, 1, 3, 3, 1, 8])
    positions = permutations_within(blocks, 200, generator=seeding.generator(0))
    assert (blocks[positions] == blocks).all()
    assert (np.sort(positions, axis=1) == np.arange(6)).all()
    assert len(np.unique(positions, axis=0)) == 12  # 3! 2! 1!


def test_p_is_uniform_under_the_null_even_when_blocks_differ():
    values = [
        permanova(*draw(seed, block_scale=3.0), 99, generator=seeding.generator(seed)).p
        for seed in range(150)
    ]
    assert kstest(values, "uniform").pvalue > 0.01


def test_restricting_permutations_finds_an_effect_that_blocks_hide():
    distances, labels, block = draw(4, blocks=25, shift=1.6, block_scale=5.0)
    within = permanova(distances, labels, block, 499, generator=seeding.generator(0))
    free = permanova(distances, labels, np.zeros_like(block), 499, generator=seeding.generator(0))
    assert within.p < 0.01 < 0.2 < free.p
    assert within.statistic == free.statistic


def test_centroid_distances_equal_the_loop():
    rng = np.random.default_rng(0)
    points, labels = rng.normal(size=(9, 3)), np.array([0, 1, 0, 2, 1, 1, 0, 1, 0])
    found = centroid_distances(euclidean(points), labels)
    for i, g in enumerate(labels):
        members = points[labels == g]
        slow = np.linalg.norm(points[i] - members.mean(0)) * np.sqrt(len(members) / max(len(members) - 1, 1))
        assert found[i] == pytest.approx(slow, abs=1e-7)


def test_dispersion_sees_spread_and_not_location_while_permanova_sees_location():
    wide = draw(5, blocks=30, scale=[1, 1, 2])
    apart = draw(5, blocks=30, shift=3.0)
    assert dispersion(*wide, 199, generator=seeding.generator(0)).p < 0.01
    assert dispersion(*apart, 199, generator=seeding.generator(0)).p > 0.05
    assert permanova(*apart, 199, generator=seeding.generator(0)).p < 0.01


def test_dispersion_p_is_uniform_under_the_null():
    values = [dispersion(*draw(s, blocks=12), 99, generator=seeding.generator(s)).p for s in range(150)]
    assert kstest(values, "uniform").pvalue > 0.01


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


def test_p_value_counts_itself():
    assert p_value(2.0, np.array([1.0, 2.0, 3.0])) == pytest.approx(3 / 4)


def test_too_few_groups_give_nan():
    found = permanova(
        euclidean(np.arange(4.0)[:, None]), np.zeros(4, int), np.arange(4), 9, generator=seeding.generator(0)
    )
    assert np.isnan(found.p)
