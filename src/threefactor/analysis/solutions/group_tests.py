"""Whether groups of networks differ in spread, and can be told apart, by distances."""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from torch import Generator

from threefactor.analysis.solutions.classification import leave_block_out
from threefactor.analysis.solutions.dispersion import dispersion

Row: TypeAlias = dict[str, float | int | str]


def group_tests(
    distances: NDArray[np.float64],
    labels: NDArray[np.int64],
    blocks: NDArray[np.int64],
    permutations: tuple[int, int],
    *,
    generator: Generator,
) -> tuple[list[Row], NDArray[np.float64]]:
    """Ask whether the levels of a factor differ in spread, and whether a classifier tells them apart.

    Parameters
    ----------
    distances : ndarray
        Distances, (n, n).
    labels : ndarray
        Level of the factor of each network (its rule, or its initialisation), (n).
    blocks : ndarray
        Level of the rival factor, (n): labels are permuted within it, and its levels are left out in turn.
    permutations : tuple of int
        Permutations of the test of spread, and of the classifier, each of which takes much longer.
    generator : Generator
        Source of randomness.

    Returns
    -------
    tuple
        Two rows (test, groups, statistic, effect, chance, p), and the confusion of the classifier (g, g).
    """
    spread = dispersion(distances, labels, blocks, permutations[0], generator=generator)
    rows: list[Row] = [{"test": "dispersion", "chance": float("nan"), **spread._asdict()}]
    guess = leave_block_out(distances, labels, blocks, permutations[1], generator=generator)
    row: Row = {
        "test": "classification",
        "statistic": guess.accuracy,
        "effect": guess.accuracy - guess.chance,
    }
    rows.append(row | {"chance": guess.chance, "p": guess.p, "groups": len(guess.confusion)})
    return rows, guess.confusion
