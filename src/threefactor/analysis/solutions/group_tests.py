"""Which factor explains the distances between networks, by three tests."""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from torch import Generator

from threefactor.analysis.solutions.classification import leave_block_out
from threefactor.analysis.solutions.dispersion import dispersion
from threefactor.analysis.solutions.permanova import Permanova, permanova

Row: TypeAlias = dict[str, float | int | str]
TESTS: dict[str, Callable[..., Permanova]] = {"permanova": permanova, "dispersion": dispersion}


def group_tests(
    distances: NDArray[np.float64],
    labels: NDArray[np.int64],
    blocks: NDArray[np.int64],
    permutations: int,
    *,
    generator: Generator,
) -> tuple[list[Row], NDArray[np.float64]]:
    """Ask whether a factor explains how networks differ, by three tests.

    Parameters
    ----------
    distances : ndarray
        Distances, (n, n).
    labels : ndarray
        Level of the factor of each network (its rule, or its initialisation), (n).
    blocks : ndarray
        Level of the rival factor, (n): labels are permuted within it, and its levels are left out in turn.
    permutations : int
        Permutations of each test.
    generator : Generator
        Source of randomness.

    Returns
    -------
    tuple
        Three rows (test, groups, statistic, effect, chance, p), and the confusion of the classifier (g, g).
    """
    rows: list[Row] = []
    for name, test in TESTS.items():
        found = test(distances, labels, blocks, permutations, generator=generator)
        rows.append({"test": name, "chance": float("nan"), **found._asdict()})
    guess = leave_block_out(distances, labels, blocks, permutations, generator=generator)
    row: Row = {
        "test": "classification",
        "statistic": guess.accuracy,
        "effect": guess.accuracy - guess.chance,
    }
    rows.append(row | {"chance": guess.chance, "p": guess.p, "groups": len(guess.confusion)})
    return rows, guess.confusion
