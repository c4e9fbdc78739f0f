"""The alignment of updates and gradients with sampling noise, against truths that are known."""

import pytest
import torch

from small_runs import DOUBLE
from threefactor.analysis.gradients.update_alignment import across_blocks, align, shuffled


def test_the_gradient_is_aligned_with_itself_and_opposed_to_its_opposite():
    g = torch.Generator().manual_seed(1)
    gradient = torch.randn(5, 3, 7, 7, generator=g, dtype=DOUBLE)
    same, opposite = align(2 * gradient, gradient), align(-gradient, gradient)
    ones = torch.ones(3, dtype=DOUBLE)
    torch.testing.assert_close(same.cosine, ones)
    torch.testing.assert_close(same.norm_ratio, 2 * ones)
    torch.testing.assert_close(same.sign_agreement, ones.float(), check_dtype=False)
    torch.testing.assert_close(opposite.cosine, -ones)
    assert opposite.sign_agreement.max() == 0


def test_products_of_different_blocks_have_no_noise_in_common():
    """Updates and gradients that share their noise: the plain product is biased, that across blocks is not."""
    g = torch.Generator().manual_seed(2)
    truth = torch.randn(400, 9, 9, generator=g)
    common = 5.0 * torch.randn(8, 400, 9, 9, generator=g)
    u, v = (truth + common).flatten(2), (truth - common).flatten(2)
    wanted = truth.flatten(1).square().sum(1).mean().item()
    found = across_blocks(u, v)
    error = found.std().item() / 400**0.5
    assert found.mean().item() == pytest.approx(wanted, abs=4 * error)
    plain = (u.mean(0) * v.mean(0)).sum(1).mean().item()
    assert abs(plain - wanted) > 10 * error


def test_blocks_that_share_a_running_baseline_are_left_out():
    """Noise of which each block takes back a part in the next, as a running mean does: neighbours are anticorrelated."""
    g = torch.Generator().manual_seed(5)
    truth = torch.randn(300, 9, 9, generator=g)
    noise = 4.0 * torch.randn(9, 300, 9, 9, generator=g)
    u = (truth + noise[1:] - 0.5 * noise[:-1]).flatten(2)
    found = across_blocks(u, u)
    wanted, error = truth.flatten(1).square().sum(1).mean().item(), found.std().item() / 300**0.5
    assert found.mean().item() == pytest.approx(wanted, abs=4 * error)
    others = ((u.sum(0) ** 2).sum(1) - (u * u).sum((0, 2))) / (8 * 7)
    assert others.mean().item() < wanted - 10 * error


def test_noise_shrinks_the_cosine_and_is_corrected():
    """Truth 1: the noisy update's cosine is small; over the root of both signals it is 1 again."""
    g = torch.Generator().manual_seed(2)
    truth = torch.randn(200, 9, 9, generator=g)
    update = truth + 6.0 * torch.randn(16, 200, 9, 9, generator=g)
    gradient = truth + 2.0 * torch.randn(16, 200, 9, 9, generator=g)
    found = align(update, gradient)
    assert found.cosine.mean() < 0.7
    corrected = found.overlap.mean() / (found.signal.mean() * found.other_signal.mean()).sqrt()
    assert corrected.item() == pytest.approx(1, abs=0.05)
    assert found.cosine.std().item() == pytest.approx(found.standard_error.mean().item(), rel=0.3)


def test_shuffling_keeps_entries_and_rank_and_loses_the_direction():
    g = torch.Generator().manual_seed(4)
    row, column = (torch.randn(2, 3, 20, 1, generator=g) for _ in range(2))
    update = row @ column.mT
    free = torch.ones(20, dtype=torch.bool).index_fill(0, torch.tensor([1, 7]), False)
    update = update * free[:, None]
    moved = shuffled(update, free, generator=g)
    torch.testing.assert_close(moved.flatten(1).sort().values, update.flatten(1).sort().values)
    assert (moved[:, :, ~free] == 0).all()
    assert torch.linalg.matrix_rank(moved[0, 0]) == 1
    assert align(moved, update).cosine.abs().max() < 0.6
