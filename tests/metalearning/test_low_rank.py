"""The projection onto rules of low rank."""

import pytest
import torch

from small_runs import DOUBLE
from threefactor.metalearning import low_rank

GRID = [(1, 1), (1, 3), (1, 5), (3, 1), (3, 3), (3, 5)]


def test_the_projection_leaves_what_has_the_rank_and_finds_the_nearest():
    outer = torch.outer(torch.tensor([1.0, -2.0], dtype=DOUBLE), torch.tensor([0.5, 1.0, 3.0], dtype=DOUBLE))
    units = torch.outer(torch.tensor([1.0, 10.0], dtype=DOUBLE), torch.tensor([1.0, 5.0, 0.1], dtype=DOUBLE))
    shuffle = torch.tensor([3, 0, 5, 1, 4, 2])
    terms = [GRID[n] for n in shuffle]
    theta = outer.flatten()[shuffle]
    found = low_rank.project(theta, terms, units.flatten()[shuffle], 1)
    torch.testing.assert_close(found, theta)
    dense = torch.tensor([1.0, 0.5, -0.3, 0.2, 2.0, 0.1], dtype=DOUBLE)
    u, s, v = torch.linalg.svd(dense.view(2, 3), full_matrices=False)
    nearest = s[0] * torch.outer(u[:, 0], v[0])
    torch.testing.assert_close(
        low_rank.project(dense, GRID, units.flatten(), 1).view(2, 3), nearest, rtol=1e-10, atol=1e-12
    )
    uneven = 10 ** torch.randn(6, generator=torch.Generator().manual_seed(2), dtype=DOUBLE)
    scaled = outer.flatten() / uneven
    torch.testing.assert_close(low_rank.project(scaled, GRID, uneven, 1), scaled, rtol=1e-10, atol=1e-12)
    with pytest.raises(ValueError, match="every pair of some k and some l"):
        low_rank.project(dense[:5], GRID[:5], units.flatten()[:5], 1)
