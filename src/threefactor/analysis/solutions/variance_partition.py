"""How much of the distances between networks each of several factors explains, side by side.

With inner products B of the networks (`threefactor.analysis.solutions.mds.centred_products`), U a basis of what factor A
adds to covariates and all other factors, and V one of what all of them leave (McArdle & Anderson 2001),

    SS_A = Tr(Uᵀ B U)        SS_E = Tr(Vᵀ B V)        R² = SS_A / SS_T        F = (SS_A / k_A) / (SS_E / k_E)

SS_T is what the covariates leave of Tr B. Each factor comes last (type III), so that in an unbalanced design the R²
need not add up to 1. A factor with many levels has R² > 0 without any effect; beside R² stand its mean under permutation
and

    ε² = (SS_A − k_A SS_E / k_E) / SS_T                                             with a mean of 0 without an effect

Networks are exchanged only where all other factors agree. Without covariates such a test is exact; with them the
residuals of the model without A are exchanged (Freedman & Lane 1983; Anderson & ter Braak 2003). A factor in which
another is nested, as initialisations are in gains, is tested over that: SS_E is what the nested factor adds to it, and
whole levels of the nested factor are exchanged.

scikit-bio's ``permanova`` has one factor and free permutation, without covariates, blocks or nesting, so that it cannot
do this; with one factor F is its F, which a test shows where scikit-bio is installed.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from threefactor.analysis.solutions.factor_sums import Design, Sums, crossed_sums, nested_sums, residual
from threefactor.analysis.solutions.factors import Factor, require_nesting, spanned
from threefactor.analysis.solutions.mds import centred_products
from threefactor.analysis.solutions.permutation import p_value

_NAN = float("nan")


class Share(NamedTuple):
    """What one factor explains, the others given."""

    factor: str  # its name; "covariates" for all of them, of Tr B; "residual" for what nothing explains
    levels: int  # 0 where nothing is tested
    effect: float  # R²
    null: float  # mean of R² over permutations
    adjusted: float  # ε²
    partial: float  # SS_A / (SS_A + SS_E)
    statistic: float  # F
    p: float
    permuted: (
        str  # "networks within" the levels of other factors, or the factor's levels "over" those nested in it
    )


def partition(
    distances: NDArray[np.float64],
    factors: Sequence[Factor],
    covariates: NDArray[np.float64],
    permutations: int,
    *,
    generator: torch.Generator,
) -> list[Share]:
    """Share the variance of distances out among factors.

    Parameters
    ----------
    distances : ndarray
        Distances, (n, n).
    factors : sequence of Factor
        What the networks differ in.
    covariates : ndarray
        Numbers that factors must explain more than, such as the rank of ΔW and the remaining error, (n, c); c may be 0.
    permutations : int
        Number of permutations of each test.
    generator : torch.Generator
        Source of randomness.

    Returns
    -------
    list of Share
        One for each factor, in order, then the covariates if there are any, and the residual. NaN where a factor has one
        level, adds nothing to the others, or leaves no error, and as p where no two networks can be exchanged.

    Raises
    ------
    ValueError
        If a covariate is not finite, or a factor is not nested as it says.
    """
    require_nesting(factors)
    if not np.isfinite(covariates).all():
        raise ValueError("covariates = NaN or infinite: must be finite")
    design, count = Design(centred_products(distances), factors, covariates), len(distances)
    whole, total, rest = (
        float(np.trace(residual(design.products, spanned(count, *given))))
        for given in ((covariates[:, :0], ()), (covariates, ()), (covariates, factors))
    )
    shares = [_share(one, _sums(design, one, permutations, generator), total) for one in factors]
    if covariates.shape[1]:
        shares.append(_untested("covariates", 1 - total / whole))
    return [*shares, _untested("residual", rest / total)]


def _sums(design: Design, factor: Factor, permutations: int, generator: torch.Generator) -> Sums:
    """Give the sums of a factor over the one that is nested in it, if there is one, or else over the residual."""
    for inner in design.factors:
        if inner.nested_in == factor.name:
            return nested_sums(design, factor, inner, permutations, generator=generator)
    return crossed_sums(design, factor, permutations, generator=generator)


def _share(factor: Factor, sums: Sums, total: float) -> Share:
    """Put the sums of a factor beside the total."""
    levels, (own, others) = len(np.unique(factor.labels)), sums.freedom
    if min(own, others) < 1:
        return _untested(factor.name, _NAN)._replace(levels=levels)
    effect, error, statistic = (float(x[0]) for x in (sums.factor, sums.error, sums.statistic))
    return Share(
        factor=factor.name,
        levels=levels,
        effect=effect / total,
        null=float(sums.factor[1:].mean()) / total if sums.permuted else _NAN,
        adjusted=(effect - own * error / others) / total,
        partial=effect / (effect + error),
        statistic=statistic,
        p=p_value(statistic, sums.statistic[1:]) if sums.permuted else _NAN,
        permuted=sums.permuted,
    )


def _untested(name: str, effect: float) -> Share:
    """Give a share without a test."""
    return Share(name, 0, effect, _NAN, _NAN, _NAN, _NAN, _NAN, "")
