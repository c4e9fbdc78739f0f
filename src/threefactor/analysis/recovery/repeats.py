"""Recover the same rule under repeated draws of noise, to measure the coverage of its intervals."""

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

    Noise on the rows of a block is drawn on its triangle, which has the same distribution: an orthogonal transform does
    not change such noise, and the rows beyond the triangle meet columns that are zero. The clipped changes stay the same.

    Raises
    ------
    CollinearError
        If the terms are collinear in these trials.
    """
    whole = gated(found)
    columns, changes = design(whole[..., :-1]), whole[..., -1]
    drawn = torch.randn(count, *changes.shape, generator=generator, dtype=changes.dtype)
    value, error, _ = solve(columns, changes + deviation * drawn)
    return Repeats(value, error, columns.freedom)
