"""The difference of one meta-gradient from another: network by network, and averaged as the outer loop averages."""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Generator, Tensor

from threefactor.metalearning.ascent import clip_to_median


class Difference(NamedTuple):
    """Of gradients (... p) from exact ones; ... each, NaN where either is zero."""

    error: Tensor  # |g - g*| / |g*|
    cosine: Tensor
    norm_ratio: Tensor  # |g| / |g*|


def difference(found: Tensor, exact: Tensor) -> Difference:
    """Compare gradients (... p) with exact ones."""
    size, right = found.norm(dim=-1), exact.norm(dim=-1)
    return Difference(
        (found - exact).norm(dim=-1) / right, (found * exact).sum(-1) / (size * right), size / right
    )


Pool = Callable[[Tensor, Tensor], Difference]

POOLS: dict[str, Pool] = {
    "median": lambda found, exact: Difference(
        *(part.nanquantile(0.5, -1) for part in difference(found, exact))
    ),
    "mean": lambda found, exact: difference(found.mean(-2), exact.mean(-2)),
    "clipped": lambda found, exact: difference(
        clip_to_median(found).mean(-2), clip_to_median(exact).mean(-2)
    ),
}
"""From gradients (... n p) to one difference over n networks.

They are the median network's, the mean gradient's, and that of the mean of gradients that are clipped at the median norm,
which the outer loop follows.
"""


FEWEST = 6
"""Networks that a bootstrap interval needs: with fewer, it covers less than it says."""


def interval(
    pool: Pool, found: Tensor, exact: Tensor, draws: int, *, generator: Generator, level: float = 0.95
) -> tuple[Difference, Difference]:
    """Return the lower and upper end of a bootstrap interval over networks, drawn in pairs.

    NaN with fewer than `FEWEST` networks.

    Parameters
    ----------
    pool
        One of `POOLS`.
    found, exact
        n p.
    draws
        Bootstrap samples.
    generator
        Of the samples.
    level
        Share of the samples within.
    """
    if len(found) < FEWEST:
        nothing = Difference(*(torch.full((), torch.nan, dtype=found.dtype) for _ in Difference._fields))
        return nothing, nothing
    chosen = torch.randint(len(found), (draws, len(found)), generator=generator)
    sampled = pool(found[chosen], exact[chosen])
    low, high = (
        Difference(*(part.nanquantile(q, 0) for part in sampled)) for q in ((1 - level) / 2, (1 + level) / 2)
    )
    return low, high
