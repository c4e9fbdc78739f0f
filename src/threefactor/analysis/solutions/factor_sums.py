"""Sums of squares of one factor among others, as it is and under permutation.

See `threefactor.analysis.solutions.variance_partition` for the equations.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from threefactor.analysis.solutions.factors import Factor, added, combined, exchanged_levels, spanned
from threefactor.analysis.solutions.permutation import one_hot, permutations_within

_CHUNK = 64  # permutations a product: bounds memory


class Design(NamedTuple):
    """What is explained, and by what."""

    products: NDArray[np.float64]  # B, inner products of the networks, (n, n)
    factors: Sequence[Factor]
    covariates: NDArray[np.float64]  # (n, c); c may be 0


class Sums(NamedTuple):
    """Sums of squares of a factor and of its error, as they are and under permutation."""

    factor: NDArray[np.float64]  # SS_A, (1 + d): first as it is
    error: NDArray[np.float64]  # SS_E, (1 + d)
    freedom: tuple[int, int]  # k_A, k_E
    permuted: str  # what is exchanged, in words; empty where nothing can be, and d = 0

    @property
    def statistic(self) -> NDArray[np.float64]:
        """Return F, (1 + d)."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray((self.factor / self.freedom[0]) / (self.error / self.freedom[1]))


def residual(products: NDArray[np.float64], given: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the inner products (n, n) of what an orthonormal basis (n, g) leaves."""
    half = products - given @ (given.T @ products)
    return np.asarray(half - (half @ given) @ given.T)


def explained(products: NDArray[np.float64], bases: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give Tr(Uᵀ B U) for inner products (n, n) and bases (d, n, k), as (d)."""
    draws, count, width = bases.shape
    sums = []
    for at in range(0, draws, _CHUNK):
        chunk = bases[at : at + _CHUNK]
        flat = chunk.transpose(1, 0, 2).reshape(count, len(chunk) * width)
        sums.append(((products @ flat) * flat).sum(0).reshape(len(chunk), width).sum(1))
    return np.concatenate(sums)


def crossed_sums(design: Design, factor: Factor, permutations: int, *, generator: torch.Generator) -> Sums:
    """Compare a factor with the residual; rows of the residuals without it move where all other factors agree."""
    count = len(design.products)
    others = [one for one in design.factors if one is not factor]
    given = spanned(count, design.covariates, others)
    own, left, strata = (
        added(one_hot(factor.labels), given),
        residual(design.products, given),
        combined(count, others),
    )
    is_free = len(np.unique(strata)) < count
    moved = permutations_within(strata, permutations if is_free else 0, generator=generator)
    rows = np.vstack([np.arange(count), moved])
    of_factor = explained(left, own[rows])
    error = float(np.trace(left)) - of_factor - explained(left, given[rows])
    names = " × ".join(one.name for one in others)
    permuted = (f"networks within {names}" if names else "networks") if is_free else ""
    return Sums(of_factor, error, (own.shape[1], count - given.shape[1] - own.shape[1]), permuted)


def nested_sums(
    design: Design, factor: Factor, inner: Factor, permutations: int, *, generator: torch.Generator
) -> Sums:
    """Compare a factor with the one that is nested in it, of which whole levels are exchanged."""
    others = [one for one in design.factors if one is not factor and one.nested_in != factor.name]
    given = spanned(len(design.products), design.covariates, others)
    left, both = residual(design.products, given), added(one_hot(inner.labels), given)
    moved = exchanged_levels(factor.labels, inner.labels, permutations, generator=generator)
    values = np.unique(factor.labels)[1:]  # the first level is what the constant leaves
    columns = (np.vstack([factor.labels, moved])[:, :, None] == values).astype(float)
    of_factor = explained(left, np.linalg.qr(columns - given @ (given.T @ columns))[0])
    error = float(explained(left, both[None])[0]) - of_factor
    freedom = len(values), both.shape[1] - len(values)
    return Sums(of_factor, error, freedom, f"{factor.name} over {inner.name}")
