"""Draws of constants."""

import torch

from threefactor.metalearning import draws


def test_common_points_fill_the_cube_and_are_those_of_the_seed():
    found = draws.sobol(8, 3, 1)
    assert torch.equal(found, draws.sobol(8, 3, 1))
    assert not torch.equal(found, draws.sobol(8, 3, 2))
    assert ((found < 0.5).sum(0) == 4).all(), "Sobol points halve every axis"


def test_there_may_be_no_points():
    assert draws.sobol(0, 3, 1).shape == (0, 3)
