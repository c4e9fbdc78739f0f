"""How far rules lie apart, in their coefficients and as functions, and which of them are really different."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform

Array = NDArray[np.float64]

BEYOND = 3.0
"""Of rules that have no distance: more than that of opposites, two."""


class Clusters(NamedTuple):
    """Which rules are one function."""

    label: NDArray[np.int64]  # a, from 1
    threshold: float  # largest distance of two rules of one member; NaN where no member has two


def cosine_distance(products: Array) -> Array:
    """Give one minus the cosine from products (a a), at least zero; zero for a multiple, NaN with a rule that is zero."""
    size = np.sqrt(np.diag(products))
    with np.errstate(invalid="ignore", divide="ignore"):
        distance = 1 - products / np.outer(size, size)
    distance = np.maximum(distance, 0)
    np.fill_diagonal(distance, np.where(size > 0, 0.0, np.nan))
    return np.asarray(distance)


def pairs(
    names: Sequence[str],
    members: Mapping[str, str],
    theta: Array,
    functions: Mapping[str, Array],
    kinds: Sequence[str],
) -> pd.DataFrame:
    """Put the distances of all pairs of rules into a table.

    Parameters
    ----------
    names : sequence of str
        Rules a.
    members : mapping of str to str
        What each learned rule may be; others are none's start.
    theta : ndarray
        Scaled coefficients, (a, p), zero where a rule has none.
    functions : mapping of str to ndarray
        Products of the rules as functions, (a, a), by the states that they are looked at under.
    kinds : sequence of str
        Which deviation each rule is a function of; rules of different ones have no distance, NaN.
    """
    found = {"theta_distance": cosine_distance(theta @ theta.T)}
    found |= {f"function_distance_{place}": cosine_distance(product) for place, product in functions.items()}
    rows = []
    for a, first in enumerate(names):
        for b in range(a + 1, len(names)):
            same = first in members and members.get(names[b]) == members[first]
            row = {"first": first, "second": names[b], "same_member": same}
            alike = kinds[a] == kinds[b]
            rows.append(row | {name: values[a, b] if alike else np.nan for name, values in found.items()})
    return pd.DataFrame(rows, columns=["first", "second", "same_member", *found])


def matrix(table: pd.DataFrame, names: Sequence[str], column: str) -> Array:
    """Put one distance of all pairs at its place, (a, a)."""
    place = {name: at for at, name in enumerate(names)}
    found = np.zeros((len(names), len(names)))
    for first, second, value in zip(table["first"], table["second"], table[column], strict=True):
        found[place[first], place[second]] = found[place[second], place[first]] = value
    return found


def cluster(table: pd.DataFrame, names: Sequence[str], column: str) -> Clusters:
    """Tell which rules are one function: no further apart than rules of one member lie, by average linkage.

    Without two rules of one member nothing says how far apart the same rule comes out, and every rule stands alone.
    """
    within = table.loc[table.same_member, column].dropna()
    alone = np.arange(1, len(names) + 1)
    if not len(within) or len(names) < 2:
        return Clusters(alone, float("nan"))
    distance = np.nan_to_num(matrix(table, names, column), nan=BEYOND)
    np.fill_diagonal(distance, 0)
    tree = linkage(squareform(distance, checks=False), "average")
    threshold = float(within.max())
    return Clusters(np.asarray(fcluster(tree, threshold, "distance"), dtype=np.int64), threshold)
