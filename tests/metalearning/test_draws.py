"""Draws of constants."""

import pytest
import torch

from threefactor.metalearning import draws


def test_common_points_fill_the_cube_and_are_those_of_the_seed():
    found = draws.sobol(8, 3, 1)
    assert torch.equal(found, draws.sobol(8, 3, 1))
    assert not torch.equal(found, draws.sobol(8, 3, 2))
    assert ((found < 0.5).sum(0) == 4).all(), "Sobol points halve every axis"


def test_there_may_be_no_points():
    assert draws.sobol(0, 3, 1).shape == (0, 3)


def test_choices_have_equal_parts_of_the_way():
    assert [draws.among(["a", "b", "c"], share) for share in (0.0, 0.33, 0.34, 0.67, 0.999)] == list("aabcc")


@pytest.mark.parametrize("multiple", [0.25, 0.7, 1.0, 4.0])
def test_the_share_of_a_multiple_leads_back_to_it(multiple):
    assert draws.between(3.0, (0.25, 4.0), draws.share_of(multiple, (0.25, 4.0))) == pytest.approx(
        3 * multiple
    )


def test_draws_near_the_best_stay_in_the_cube_and_near():
    best = torch.tensor([0.0, 0.5, 1.0], dtype=torch.float64)
    found = torch.stack(
        [draws.near(best, generator=torch.Generator().manual_seed(seed)) for seed in range(200)]
    )
    assert found.min() >= 0
    assert found.max() <= 1
    assert found[:, 1].std() == pytest.approx(draws.SPREAD, rel=0.2), "of 200 draws"
