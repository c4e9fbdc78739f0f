"""Factors of a design, the subspaces of their levels, and what permutation does to them.

A factor of n networks is a matrix X (n, levels) of zeros and ones. What it adds to other factors is the subspace of X
less its projection onto theirs; an orthonormal basis U (n, k) of that has k degrees of freedom.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from threefactor.analysis.solutions.permutation import one_hot, permutations_within


class Factor(NamedTuple):
    """What networks differ in.

    Attributes
    ----------
    name : str
        For example ``learning_rule``.
    labels : ndarray
        Level of each network, (n).
    nested_in : str
        Name of the factor of which each level of this one has one level alone, as each initialisation has one gain;
        empty for none.
    """

    name: str
    labels: NDArray[np.int64]
    nested_in: str = ""


def require_nesting(factors: Sequence[Factor]) -> None:
    """Refuse a factor that is not nested in the one that it names.

    Raises
    ------
    ValueError
        If ``nested_in`` names no factor, or a level lies in two levels of that factor.
    """
    by_name = {factor.name: factor for factor in factors}
    for factor in factors:
        if not factor.nested_in:
            continue
        if factor.nested_in not in by_name:
            raise ValueError(
                f"nested_in = {factor.nested_in!r}: must be one of {', '.join(map(repr, by_name))}"
            )
        pairs = {*zip(factor.labels.tolist(), by_name[factor.nested_in].labels.tolist(), strict=True)}
        if len(pairs) > len(np.unique(factor.labels)):
            raise ValueError(
                f"{factor.name} = levels in several levels of {factor.nested_in!r}: must be nested in it"
            )


def basis(columns: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give an orthonormal basis (n, k) of the subspace that columns (n, c) span; k is their rank."""
    left, values, _ = np.linalg.svd(columns, full_matrices=False)
    smallest = max(columns.shape) * np.finfo(float).eps * max(values.max(initial=0.0), 1.0) * 10
    return np.asarray(left[:, values > smallest])


def added(columns: NDArray[np.float64], given: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give a basis (n, k) of what columns (n, c) add to an orthonormal basis of others (n, g)."""
    return basis(columns - given @ (given.T @ columns))


def spanned(count: int, covariates: NDArray[np.float64], factors: Sequence[Factor]) -> NDArray[np.float64]:
    """Give a basis of the constant, covariates (n, c) in units of their SD, and all levels of the factors."""
    spread = covariates.std(0)
    scaled = (covariates - covariates.mean(0)) / np.where(spread > 0, spread, 1)
    return basis(np.hstack([np.ones((count, 1)), scaled, *(one_hot(factor.labels) for factor in factors)]))


def combined(count: int, factors: Sequence[Factor]) -> NDArray[np.int64]:
    """Give each network the number of its combination of levels, (n); 0 for all without factors."""
    table = np.array([np.unique(factor.labels, return_inverse=True)[1] for factor in factors], dtype=np.int64)
    return np.unique(table.reshape(len(factors), count), axis=1, return_inverse=True)[1].ravel()


def exchanged_levels(
    outer: NDArray[np.int64], units: NDArray[np.int64], draws: int, *, generator: torch.Generator
) -> NDArray[np.int64]:
    """Exchange the levels of a factor between whole units, the levels of the factor that is nested in it.

    Parameters
    ----------
    outer : ndarray
        Level of each network, (n), the same for all networks of one unit.
    units : ndarray
        Unit of each network, (n): its initialisation.
    draws : int
        Number of permutations d.
    generator : torch.Generator
        Source of randomness.

    Returns
    -------
    ndarray
        Levels, (d, n).
    """
    _, first, place = np.unique(units, return_index=True, return_inverse=True)
    positions = permutations_within(np.zeros(len(first), np.int64), draws, generator=generator)
    return np.asarray(outer[first][positions][:, place])
