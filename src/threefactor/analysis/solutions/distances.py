"""Distances between networks: one entry of `DISTANCES` each."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from torch import Tensor

from threefactor.analysis.solutions.cka import cka_distance
from threefactor.analysis.solutions.compared import Compared
from threefactor.analysis.solutions.dsa import controllability_distance, spectral_distance
from threefactor.analysis.solutions.linear_dynamics import LinearDynamics, fit, transitions
from threefactor.analysis.solutions.procrustes import procrustes_distance
from threefactor.analysis.solutions.rsa import rsa_distance
from threefactor.analysis.solutions.shape import sample_coordinates
from threefactor.analysis.solutions.svcca import svcca_distance
from threefactor.analysis.solutions.weight_distance import aligned_weight_distance, weight_distance

REPRESENTATION, DYNAMICS, WEIGHTS = "representation", "dynamics", "weights"
"""What a distance is of: the levels of degeneracy of Huang et al. (2025) below that of behaviour."""


class Distance(NamedTuple):
    """A distance between networks.

    What it ignores and sees are changes of one network, or of all alike, by the names of
    ``tests/analysis/solutions/changes.py``, where tests make them. It ignores exactly what it says where the
    components that enter hold all of the activity.
    """

    name: str
    label: str  # as figures write it
    unit: str  # empty for none
    of: str  # representation | dynamics | weights
    meaning: str
    function: Callable[[Compared], Tensor]  # the distances, n n
    ignores: tuple[str, ...]
    sees: tuple[str, ...]
    metric: bool = True  # whether it obeys the triangle inequality
    costly: bool = False  # whether a pair costs more than a millisecond: for a part of the networks
    defined: Callable[[Compared], bool] = lambda compared: True  # whether networks can be so compared


def _input_driven(compared: Compared) -> LinearDynamics:
    """Fit the dynamics of whole trials with their inputs; rates are all of the state, so that one moment is enough."""
    return fit(compared.rates, compared.dynamics_components, inputs=compared.inputs)


def _of_delay(compared: Compared) -> LinearDynamics:
    """Fit the dynamics of the delay, in which no input comes."""
    return fit(compared.rates, compared.dynamics_components, seen=compared.within, delays=compared.delays)


def _has_delay(compared: Compared) -> bool:
    """Tell whether the delay is long enough for its dynamics."""
    return int(transitions(compared.within, compared.delays).sum()) >= compared.dynamics_components


_GEOMETRY = ("permutation", "rotation", "scale", "shift", "order of time")
_COORDINATES = ("permutation", "rotation", "scale", "shift", "linear map", "starts", "input drive")

DISTANCES = (
    Distance(
        "cka",
        "arccos CKA",
        "radians",
        REPRESENTATION,
        "arccos of linear CKA of the rates of two networks",
        lambda compared: cka_distance(compared.samples),
        ignores=_GEOMETRY,
        sees=("linear map", "starts"),
    ),
    Distance(
        "procrustes",
        "Procrustes",
        "radians",
        REPRESENTATION,
        "Procrustes shape distance of the rates of two networks",
        lambda compared: procrustes_distance(sample_coordinates(compared.samples, compared.shape_components)),
        ignores=_GEOMETRY,
        sees=("linear map", "starts"),
    ),
    Distance(
        "rsa",
        "RSA",
        "radians",
        REPRESENTATION,
        "arccos of the correlation between the dissimilarity matrices of two networks, squared Euclidean",
        lambda compared: rsa_distance(compared.samples),
        ignores=_GEOMETRY,
        sees=("linear map", "starts"),
    ),
    Distance(
        "svcca",
        "SVCCA",
        "radians",
        REPRESENTATION,
        "arccos of the mean canonical correlation of the components that hold 99 % of the rates' variance",
        lambda compared: svcca_distance(compared.samples, compared.shape_components),
        ignores=_GEOMETRY,
        sees=("starts",),
        metric=False,
    ),
    Distance(
        "dsa",
        "DSA with inputs",
        "radians",
        DYNAMICS,
        "angle between what inputs do over time in two networks, fitted linear dynamics A and B (InputDSA)",
        lambda compared: controllability_distance(_input_driven(compared)),
        ignores=("permutation", "rotation", "scale", "shift", "starts"),
        sees=("linear map", "input drive", "order of time"),
    ),
    Distance(
        "dsa_state",
        "DSA with inputs, A",
        "",
        DYNAMICS,
        "Wasserstein distance between the eigenvalues of A, fitted together with the inputs",
        lambda compared: spectral_distance(_input_driven(compared)),
        ignores=_COORDINATES,
        sees=("order of time",),
    ),
    Distance(
        "dsa_delay",
        "DSA of the delay",
        "",
        DYNAMICS,
        "Wasserstein distance between the eigenvalues of the dynamics in the delay, fitted without inputs",
        lambda compared: spectral_distance(_of_delay(compared)),
        ignores=_COORDINATES,
        sees=("order of time",),
        defined=_has_delay,
    ),
    Distance(
        "weights",
        "weights",
        "",
        WEIGHTS,
        "root mean square difference of recurrent weights, unit by unit",
        lambda compared: weight_distance(compared.weights),
        ignores=("scale", "shift", "starts", "input drive", "order of time"),
        sees=("permutation", "rotation", "recurrent weights"),
    ),
    Distance(
        "weights_aligned",
        "aligned weights",
        "",
        WEIGHTS,
        "root mean square difference of recurrent weights after the best permutation of units",
        aligned_weight_distance,
        ignores=("permutation", "shift", "starts", "order of time"),
        sees=("rotation", "recurrent weights"),
        metric=False,
        costly=True,
    ),
)
"""All distances; tables, tests, maps and figures follow from them, in this order."""

NAMES = tuple(distance.name for distance in DISTANCES)


def named(name: str) -> Distance:
    """Return a distance by its name."""
    return next(distance for distance in DISTANCES if distance.name == name)


def first_of_each_kind(names: Iterable[str]) -> list[str]:
    """Choose among distances the first of each kind: of representations, dynamics and weights."""
    first: dict[str, str] = {}
    for name in names:
        first.setdefault(named(name).of, name)
    return list(first.values())


def explained(distance: Distance) -> str:
    """Say what a distance is, what it ignores and what it sees."""
    kind = "a metric" if distance.metric else "no metric"
    ignored, seen = (", ".join(names) for names in (distance.ignores, distance.sees))
    return f"{distance.meaning}; {kind}; ignores {ignored}; sees {seen}"
