"""Errors between meta-gradients, pooled over networks, with paired intervals."""

import pytest
import torch

from small_runs import DOUBLE
from threefactor import seeding
from threefactor.analysis.gradients.gradient_error import POOLS, difference, interval
from threefactor.contract import MetaGradient
from threefactor.metalearning import ascent

NETWORKS, TERMS = 9, 4


def gradients(seed):
    return torch.randn(NETWORKS, TERMS, dtype=DOUBLE, generator=torch.Generator().manual_seed(seed))


def test_a_turned_and_stretched_gradient_is_off_by_its_angle_and_length():
    exact = torch.tensor([[3.0, 0.0], [0.0, 2.0]], dtype=DOUBLE)
    found = torch.tensor([[3.0, 3.0], [0.0, 1.0]], dtype=DOUBLE)
    error, cosine, ratio = difference(found, exact)
    assert error.tolist() == pytest.approx([1.0, 0.5])
    assert cosine.tolist() == pytest.approx([0.5**0.5, 1.0])
    assert ratio.tolist() == pytest.approx([2**0.5, 0.5])
    assert difference(found, 0 * exact).cosine.isnan().all()


def test_the_clipped_pool_is_the_outer_loops_average():
    found, exact = gradients(1), gradients(2) * torch.logspace(-2, 2, NETWORKS, dtype=DOUBLE)[:, None]
    finite = torch.ones(NETWORKS, dtype=torch.bool)
    one, other = (ascent.average(MetaGradient(g, g[:, 0], finite)).gradient for g in (found, exact))
    for mine, theirs in zip(POOLS["clipped"](found, exact), difference(one, other), strict=True):
        torch.testing.assert_close(mine, theirs)
    plain = POOLS["mean"](found, exact)
    torch.testing.assert_close(plain.error, (found.mean(0) - exact.mean(0)).norm() / exact.mean(0).norm())
    median = POOLS["median"](found, exact)
    torch.testing.assert_close(median.cosine, difference(found, exact).cosine.median())
    assert median.error != POOLS["clipped"](found, exact).error != plain.error


@pytest.mark.parametrize("pool", POOLS)
def test_intervals_are_paired_hold_the_estimate_and_shrink(pool):
    exact = gradients(3)
    found = exact + 0.3 * gradients(4)
    draw = {"draws": 500, "generator": seeding.generator(0, "bootstrap")}
    low, high = interval(POOLS[pool], found, exact, **draw)
    value = POOLS[pool](found, exact)
    for bottom, middle, top in zip(low, value, high, strict=True):
        assert bottom < middle < top
    same_low, same_high = interval(
        POOLS[pool], 2 * exact, exact, **draw
    )  # paired, it is twice as long in every sample
    torch.testing.assert_close(same_low.norm_ratio, torch.tensor(2.0, dtype=DOUBLE))
    torch.testing.assert_close(same_high.norm_ratio, torch.tensor(2.0, dtype=DOUBLE))
    more_low, more_high = interval(POOLS[pool], found.repeat(16, 1), exact.repeat(16, 1), **draw)
    assert more_high.error - more_low.error < 0.6 * (high.error - low.error)
