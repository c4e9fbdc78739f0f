"""Constraints on theta while it is learned: a norm, few terms, a low rank."""

from typing import NamedTuple

import torch
from torch import Tensor

from threefactor.metalearning import low_rank, proximal
from threefactor.metalearning.ascent import Ascent, ascend, average_last_third, hold_norm


class Constraint(NamedTuple):
    """The constraint on the coordinates of theta; sparsity and rank are for scaled monomials."""

    norm: float  # 0 lets it go
    sparsity: float = 0.0  # weight of |theta|_1, in units of the gradient
    rank: int = 0  # of theta as a matrix (k, l); 0 for any
    terms: tuple[tuple[int, int], ...] = ()  # of theta, where a rank is asked
    scale: Tensor = torch.ones(())  # theta / scaled theta, p, where a rank is asked


def hold(theta: Tensor, constraint: Constraint) -> Tensor:
    """Bring theta to its rank, then to its norm; p."""
    if constraint.rank:
        theta = low_rank.project(theta, list(constraint.terms), constraint.scale, constraint.rank)
    return hold_norm(theta, constraint.norm)


def ascend_within(ascent: Ascent, gradient: Tensor, learning_rate: float, constraint: Constraint) -> Ascent:
    """Take one step of Adam uphill, the proximal step after it, and come back to rank and norm.

    The norm comes last. It undoes the common shrinking of all terms, so that sparsity chooses among directions of theta:
    of those with about the same objective, one with fewer terms.

    Parameters
    ----------
    ascent, gradient, learning_rate
        As in `threefactor.metalearning.ascent.ascend`.
    constraint
        On theta.
    """
    moved = ascend(ascent, gradient, learning_rate)
    theta = moved.coordinates
    if constraint.sparsity:
        theta = proximal.shrink(theta, proximal.thresholds(moved, learning_rate, constraint.sparsity))
    return moved._replace(coordinates=hold(theta, constraint))


def average_iterates(iterates: Tensor, constraint: Constraint) -> Tensor:
    """Average the last third of the iterates (s p), without what is zero in the last; p."""
    mean = average_last_third(iterates)
    if constraint.sparsity:
        mean = mean * (iterates[-1] != 0)
    return hold(mean, constraint)
