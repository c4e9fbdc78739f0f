"""Distances between the representations of networks: one entry of `DISTANCES` each."""

from collections.abc import Callable
from typing import NamedTuple

from torch import Tensor

from threefactor.analysis.solutions.cka import cka_distance
from threefactor.analysis.solutions.procrustes import procrustes_distance
from threefactor.analysis.solutions.shape import sample_coordinates


class Distance(NamedTuple):
    """A distance, in radians."""

    name: str
    label: str  # as figures write it
    meaning: str
    function: Callable[[Tensor, int], Tensor]
    """Of rates (n, m, i) of the same m samples, and a number of principal components: the distances (n, n)."""


DISTANCES = (
    Distance(
        "cka",
        "arccos CKA",
        "arccos of linear CKA of the rates of two networks",
        lambda rates, components: cka_distance(rates),
    ),
    Distance(
        "procrustes",
        "Procrustes",
        "Procrustes shape distance of the rates of two networks",
        lambda rates, components: procrustes_distance(sample_coordinates(rates, components)),
    ),
)
"""All distances; tables, tests, maps and figures follow from them, in this order."""

NAMES = tuple(distance.name for distance in DISTANCES)


def label(name: str) -> str:
    """Return what figures call a distance."""
    return next((distance.label for distance in DISTANCES if distance.name == name), name)
