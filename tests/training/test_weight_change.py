"""Clipped updates against a count, and the rank of the weight change against singular values."""

import pytest
import torch

from small_runs import DOUBLE
from threefactor.training.weight_change import clipped_share, participation_rank
from training.followed import NETWORKS, net, rule, seen


def test_the_clipped_share_counts_synapses_onto_free_units():
    clip, update = rule().params.clip, seen(rule(), 9).outcomes[8].update
    wanted = []
    for b in range(NETWORKS):
        free = [i for i in range(12) if not net().clamped[i]]
        sizes = [abs(update[b, i, j].item()) for i in free for j in range(12)]
        wanted.append(sum(size >= clip * (1 - 1e-6) for size in sizes) / len(sizes))
    assert clipped_share(net(), update, clip).tolist() == pytest.approx(wanted)
    assert max(wanted) > 0
    assert (clipped_share(net(), update, float("inf")) == 0).all()


def test_synapses_that_do_not_exist_do_not_count():
    clip, update = rule().params.clip, seen(rule(), 9).outcomes[8].update
    exists = torch.ones_like(update, dtype=torch.bool)
    exists[:, :, ::2] = False
    found = clipped_share(net()._replace(exists=exists), update, clip)
    kept = update[:, ~net().clamped][:, :, 1::2].abs() >= clip
    torch.testing.assert_close(found, kept.double().mean((1, 2)), rtol=1e-12, atol=0)
    assert (found != clipped_share(net(), update, clip)).any()


@pytest.mark.parametrize("scale", [1.0, 1e-20, 1e15])
def test_the_participation_ratio_is_that_of_the_singular_values(scale):
    """At every size of the change, in single precision too, where the fourth power of 1e-20 is zero."""
    source = torch.Generator().manual_seed(3)
    change = torch.randn(3, 7, 7, generator=source, dtype=DOUBLE)
    change[1] = change[1, :, :1] * change[1, :1]  # of rank one
    change[2] = torch.eye(7)
    squares = torch.linalg.svdvals(change) ** 2
    wanted = squares.sum(1) ** 2 / (squares**2).sum(1)
    torch.testing.assert_close(participation_rank(scale * change), wanted, rtol=1e-12, atol=0)
    single = participation_rank((scale * change).float())
    torch.testing.assert_close(single, wanted.float(), rtol=1e-5, atol=0)
    assert wanted[1:].tolist() == pytest.approx([1, 7])
    assert participation_rank(torch.zeros(1, 7, 7)).isnan().all()
