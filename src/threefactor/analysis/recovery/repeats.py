"""Recover the same rule again and again under other noise, which tells how often error bars hold the truth."""

from typing import NamedTuple

import torch
from torch import Generator, Tensor

from threefactor.analysis.recovery.recording import Blocks, gated
from threefactor.analysis.recovery.regression import design, solve


class Repeats(NamedTuple):
    """Coefficients of n fits to the same trials."""

    value: Tensor  # n p
    standard_error: Tensor  # n p
    freedom: Tensor  # p


def repeat(found: Blocks, deviation: float, count: int, *, generator: Generator) -> Repeats:
    """Fit blocks so many times, each time with other noise N(0, deviation²) in every change of a weight.

    Noise on the rows of a block is drawn on its triangle, which is equal in law: orthogonal transforms leave such noise
    as it is, and what falls on no row of the triangle meets columns that are zero. Which changes the clip holds stays
    as it is.

    Raises
    ------
    CollinearError
        If the trials cannot tell the terms apart.
    """
    whole = gated(found)
    columns, changes = design(whole[..., :-1]), whole[..., -1]
    drawn = torch.randn(count, *changes.shape, generator=generator, dtype=changes.dtype)
    value, error, _ = solve(columns, changes + deviation * drawn)
    return Repeats(value, error, columns.freedom)
