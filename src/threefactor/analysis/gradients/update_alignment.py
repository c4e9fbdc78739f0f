"""The alignment of two expected updates, or of an update and the gradient."""

from typing import NamedTuple

import torch
from torch import Generator, Tensor


class Alignment(NamedTuple):
    """Alignment of an expected update u with a direction v, both of means over blocks; NaN where one is zero."""

    cosine: Tensor  # b, of the means over all blocks
    standard_error: Tensor  # b, by the jackknife over blocks
    overlap: Tensor  # b, the cosine with products of blocks apart only: unbiased in its numerator
    signal: Tensor  # b, share of |mean u|² that is not sampling noise; unbiased, may be negative
    other_signal: Tensor  # b, the same of v
    norm_ratio: Tensor  # b, |u| / |v| of the means
    sign_agreement: Tensor  # b, share of the weights that both move in which the signs agree


def align(update: Tensor, other: Tensor) -> Alignment:
    """Compare an expected update with a direction, usually the gradient of the reward.

    With block means u_m and v_m, ``cosine = <u, v> / (|u| |v|)`` of their means; ``overlap`` has in place of <u, v> the
    mean of <u_m, v_n> over |m - n| > 1, which noise common to both does not move. Sampling noise shrinks the cosine:
    over many networks, ``mean(overlap) / sqrt(mean(signal) mean(other_signal))`` is that of infinitely many draws.

    Parameters
    ----------
    update, other
        n b i j, means over n >= 3 blocks of trials, in the order of the trials.
    """
    u, v = update.flatten(2), other.flatten(2)
    mean_u, mean_v = u.mean(0), v.mean(0)
    size = mean_u.norm(dim=1) * mean_v.norm(dim=1)
    return Alignment(
        cosine=(mean_u * mean_v).sum(1) / size,
        standard_error=_jackknife(u, v),
        overlap=across_blocks(u, v) / size,
        signal=across_blocks(u, u) / mean_u.square().sum(1),
        other_signal=across_blocks(v, v) / mean_v.square().sum(1),
        norm_ratio=mean_u.norm(dim=1) / mean_v.norm(dim=1),
        sign_agreement=_agreement(mean_u, mean_v),
    )


def across_blocks(u: Tensor, v: Tensor) -> Tensor:
    """Return the mean of ``<u_m, v_n>`` over blocks that are no neighbours (n b .): an unbiased ``<E u, E v>``; b.

    Neighbouring blocks are not independent: reward baselines run on from one to the next, so that their errors cancel in
    part.
    """
    count = len(u)
    near = (u * v).sum((0, 2)) + (u[1:] * v[:-1]).sum((0, 2)) + (u[:-1] * v[1:]).sum((0, 2))
    return ((u.sum(0) * v.sum(0)).sum(1) - near) / ((count - 1) * (count - 2))


def shuffled(update: Tensor, free: Tensor, *, generator: Generator) -> Tensor:
    """Return updates whose post- and presynaptic units are permuted: the same entries, ranks and norms elsewhere.

    Parameters
    ----------
    update
        n b i j.
    free
        i, bool: units that learn; the others keep their rows.
    generator
        Of the two permutations of each network.
    """
    units, place = len(free), free.nonzero()[:, 0]
    result = torch.empty_like(update)
    for b in range(update.shape[1]):
        rows = torch.arange(units, device=place.device)
        rows[place] = place[torch.randperm(len(place), generator=generator).to(place.device)]
        columns = torch.randperm(units, generator=generator).to(place.device)
        result[:, b] = update[:, b][:, rows][:, :, columns]
    return result


def _jackknife(u: Tensor, v: Tensor) -> Tensor:
    """Return the standard error of the cosine of the means, leaving out one block at a time; b."""
    count = len(u)
    left = [(u.sum(0) - a, v.sum(0) - c) for a, c in zip(u, v, strict=True)]
    cosines = torch.stack([(x * y).sum(1) / (x.norm(dim=1) * y.norm(dim=1)) for x, y in left])
    return ((count - 1) * ((cosines - cosines.mean(0)) ** 2).mean(0)).sqrt()


def _agreement(u: Tensor, v: Tensor) -> Tensor:
    """Return the share of entries with equal signs among those that are zero in neither; b."""
    moving = (u != 0) & (v != 0)
    return ((torch.sign(u) == torch.sign(v)) & moving).sum(1) / moving.sum(1)
