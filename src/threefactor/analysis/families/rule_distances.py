"""Distances between rules, in their coefficients and as functions, and which rules are functionally distinct."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform

Array = NDArray[np.float64]

BEYOND = 3.0
"""Distance of rules that have none, for clustering: more than that of opposites, which is two."""


class Clusters(NamedTuple):
    """Clusters of rules that are one function."""

    label: NDArray[np.int64]  # a, from 1
    threshold: float  # largest distance between two rules of one class; NaN where no class has two


def cosine_distance(products: Array) -> Array:
    """Return one minus the cosine from inner products (a a), at least zero.

    A rule and its multiple have distance zero; a rule that is zero has none, NaN.
    """
    size = np.sqrt(np.diag(products))
    with np.errstate(invalid="ignore", divide="ignore"):
        distance = 1 - products / np.outer(size, size)
    distance = np.maximum(distance, 0)
    np.fill_diagonal(distance, np.where(size > 0, 0.0, np.nan))
    return np.asarray(distance)


def pairs(
    names: Sequence[str],
    rule_classes: Mapping[str, str],
    theta: Array,
    functions: Mapping[str, Array],
    deviations: Sequence[str],
) -> pd.DataFrame:
    """Put the distances of all pairs of rules into a table.

    Parameters
    ----------
    names : sequence of str
        Rules a.
    rule_classes : mapping of str to str
        Class of each learned rule; other rules have none.
    theta : ndarray
        Scaled coefficients, (a, p), zero where a rule has none.
    functions : mapping of str to ndarray
        Inner products of the rules as functions, (a, a), by the phase of learning whose states weight them.
    deviations : sequence of str
        The deviation that each rule is a function of; rules of different deviations have no distance, NaN.

    Returns
    -------
    DataFrame
        A row per pair: first, second, same_class, theta_distance, function_distance_<phase>.
    """
    found = {"theta_distance": cosine_distance(theta @ theta.T)}
    found |= {f"function_distance_{place}": cosine_distance(product) for place, product in functions.items()}
    rows = []
    for a, first in enumerate(names):
        for b in range(a + 1, len(names)):
            same = first in rule_classes and rule_classes.get(names[b]) == rule_classes[first]
            row = {"first": first, "second": names[b], "same_class": same}
            alike = deviations[a] == deviations[b]
            rows.append(row | {name: values[a, b] if alike else np.nan for name, values in found.items()})
    return pd.DataFrame(rows, columns=["first", "second", "same_class", *found])


def matrix(table: pd.DataFrame, names: Sequence[str], column: str) -> Array:
    """Arrange one distance of all pairs as a matrix, (a, a)."""
    place = {name: at for at, name in enumerate(names)}
    found = np.zeros((len(names), len(names)))
    for first, second, value in zip(table["first"], table["second"], table[column], strict=True):
        found[place[first], place[second]] = found[place[second], place[first]] = value
    return found


def cluster(table: pd.DataFrame, names: Sequence[str], column: str) -> Clusters:
    """Cluster rules by average linkage, cut at the largest distance between two rules of one class.

    Rules of one class differ only in how they were searched for, so their distance is what one rule can vary by.
    Without two rules of one class there is no such scale, and every rule is a cluster of its own.
    """
    within = table.loc[table.same_class, column].dropna()
    alone = np.arange(1, len(names) + 1)
    if not len(within) or len(names) < 2:
        return Clusters(alone, float("nan"))
    distance = np.nan_to_num(matrix(table, names, column), nan=BEYOND)
    np.fill_diagonal(distance, 0)
    tree = linkage(squareform(distance, checks=False), "average")
    threshold = float(within.max())
    return Clusters(np.asarray(fcluster(tree, threshold, "distance"), dtype=np.int64), threshold)
