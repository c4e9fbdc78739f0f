"""Which networks a classifier learns from, and which it is tested on."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray


class Split(NamedTuple):
    """Networks of a training and of a test set, (n) bool each."""

    train: NDArray[np.bool_]
    test: NDArray[np.bool_]


def group_splits(
    groups: NDArray[np.int64], count: int, held_out: float, *, generator: torch.Generator
) -> list[Split]:
    """Draw splits that keep the networks of a group together.

    Parameters
    ----------
    groups : ndarray
        Group of each network, (n): its initialisation.
    count : int
        Number of splits; Nayebi et al. (2020) take ten.
    held_out : float
        Fraction of groups in the test set, rounded to at least one; Nayebi et al. take a quarter.
    generator : torch.Generator
        Source of randomness.

    Raises
    ------
    ValueError
        If there are fewer than two groups, or none is left to learn from.
    """
    values = np.unique(groups)
    tested = max(1, round(held_out * len(values)))
    if tested >= len(values):
        raise ValueError(
            f"held_out = {held_out:g}: must leave at least one of {len(values)} groups to learn from"
        )
    orders = [torch.randperm(len(values), generator=generator).numpy() for _ in range(count)]
    tests = [np.isin(groups, values[order[:tested]]) for order in orders]
    return [Split(~test, test) for test in tests]


def left_out(columns: Sequence[NDArray[np.int64]]) -> list[Split]:
    """Leave every combination of levels out once, and learn from networks that share none of its levels.

    Parameters
    ----------
    columns : sequence of ndarray
        Level of each network, (n) each, such as its task and its gain. One that all networks share leaves nothing to
        learn from and is passed over.

    Returns
    -------
    list of Split
        With task and gain: tested on one gain of one task, learned from the other gains of the other tasks.

    Raises
    ------
    ValueError
        If no column has two levels.
    """
    several = [column for column in columns if len(np.unique(column)) > 1]
    if not several:
        raise ValueError("columns = one level each: must have two levels in at least one")
    table = np.stack(several, axis=1)
    same = [table == levels for levels in np.unique(table, axis=0)]
    splits = [Split(~equal.any(1), equal.all(1)) for equal in same]
    return [split for split in splits if split.train.any()]
