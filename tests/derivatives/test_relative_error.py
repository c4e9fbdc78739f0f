"""Relative errors of derivatives, network by network."""

import torch

from small_runs import BATCH, DOUBLE
from threefactor.derivatives import methods
from threefactor.derivatives.relative_error import along_errors, relative_error


def draw(*shape, seed=6):
    return torch.randn(*shape, dtype=DOUBLE, generator=torch.Generator().manual_seed(seed))


def test_a_relative_error_is_of_each_network_and_tells_nothing_from_infinity():
    exact = draw(3, BATCH, 4, seed=1)
    factor = torch.tensor([1.01, 1.5], dtype=DOUBLE)
    found = relative_error(factor[None, :, None] * exact, exact, 2)
    torch.testing.assert_close(found, (factor - 1).expand(3, -1), rtol=1e-12, atol=0)
    zero, one = torch.zeros(1, 1, 4), torch.ones(1, 1, 4)
    assert relative_error(zero, zero, 2).isnan().all()
    assert relative_error(one, zero, 2).item() == float("inf")
    assert relative_error(one * float("nan"), one, 2).item() == float("inf")


def test_the_cumulated_reward_is_that_of_all_trials_so_far():
    """Errors of opposite sign in the second and the third trial, of which the sum up to the third knows nothing."""
    exact = methods.Along(torch.ones(3, 1, 1, dtype=DOUBLE), torch.ones(2, 1, 1, 2, 2))
    wrong = torch.tensor([0.0, 0.5, -0.5], dtype=DOUBLE)[:, None, None]
    found = along_errors(exact._replace(reward=exact.reward + wrong), exact, (2, 3))
    torch.testing.assert_close(found["reward_tangent"][:, 0], torch.tensor([0.5, 0.5], dtype=DOUBLE))
    torch.testing.assert_close(
        found["cumulated_reward_tangent"][:, 0], torch.tensor([0.25, 0.0], dtype=DOUBLE)
    )
