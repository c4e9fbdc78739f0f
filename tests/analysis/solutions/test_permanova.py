import numpy as np
import pytest
from scipy.stats import f_oneway, kstest

from analysis.solutions.groups import draw, euclidean
from analysis.solutions.permanova import permanova
from threefactor import seeding


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


def test_too_few_groups_give_nan():
    found = permanova(
        euclidean(np.arange(4.0)[:, None]), np.zeros(4, int), np.arange(4), 9, generator=seeding.generator(0)
    )
    assert np.isnan(found.p)
