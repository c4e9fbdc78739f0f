"""Tables of fixed points, from the search under each constant input, and counts of each network."""

from collections.abc import Mapping
from typing import NamedTuple

import pandas as pd
import torch
from torch import Tensor

from threefactor.analysis.landscape.fixed_points import FixedPoints, jacobian
from threefactor.analysis.landscape.linear_response import SLOW, linear_response
from threefactor.analysis.landscape.stability import modes_of, stability
from threefactor.analysis.representation.components import Components, project
from threefactor.analysis.table import LEVEL, NETWORK, RULE, Column, Table
from threefactor.contract import Network
from threefactor.kernels import activation
from threefactor.network.simulate import rate

FIXED_POINTS = Table(
    "a distinct fixed point of a network at a level of error",
    (
        *(RULE, NETWORK, LEVEL),
        Column("condition", "", "constant input: none, or the one channel that is 1 (a, b …)"),
        Column("index", "", "place among the points of the condition, those found most often first"),
        Column("residual", "", "largest absolute flow |F(x)| there"),
        Column("hits", "starts", "starts of the search that ended here"),
        Column("starts", "starts", "starts of the search under this condition"),
        Column("stable", "", "whether all eigenvalues of the Jacobian J have a negative real part"),
        Column("largest_real", "1/time constant", "largest real part of the eigenvalues of J"),
        Column("unstable", "eigenvalues", "eigenvalues of J with a positive real part"),
        Column("henrici", "", "departure of J from normality, ‖J‖² − Σ|λ|² (Henrici 1962)"),
        Column("output", "", "first output there"),
        Column(
            "readout_overlap", "", "|cosine| of the first readout with the leading right eigenvector of J"
        ),
        Column(
            "step_modulus",
            "",
            "largest |1 + dt/τ λ| over the eigenvalues λ of J: above 1 the steps of the network leave the point",
        ),
        Column("gain", "", "norm of −C J⁻¹ B, the change of the first output by that of constant inputs"),
        Column(
            "slow_share",
            "",
            f"share of it that goes through modes with |Re λ| < {SLOW} per time constant; shares add up to 1, "
            "and are negative or larger where modes cancel",
        ),
        *(
            Column(
                f"pc{c}", "", f"place on principal component {c} of the networks' own, see <level>.projection"
            )
            for c in (1, 2, 3)
        ),
    ),
)
"""Columns of ``fixed_points.csv``."""


class Search(NamedTuple):
    """What the search for fixed points found in some networks."""

    points: pd.DataFrame  # of these networks, with columns network, stable and hits
    network: list[int]  # that were searched
    starts: int  # of one network, over all conditions


def points_table(
    network: Network, found: Mapping[str, FixedPoints], components: Components, starts: int
) -> pd.DataFrame:
    """Describe the fixed points of one network, a row a point.

    Parameters
    ----------
    network : Network
        One network (b = 1).
    found : mapping of str to FixedPoints
        Fixed points by the name of the constant input.
    components : Components
        Of this network's rates (b = 1), three or more; the points are placed on the first three.
    starts : int
        Number of starts of each search.
    """
    parts = []
    for condition, points in found.items():
        values: dict[str, Tensor] = describe(network, points)
        scores = project(rate(network, points.state)[None], components)[0]
        values |= {f"pc{c + 1}": scores[:, c] for c in range(3)}
        part = pd.DataFrame({name: value.cpu().numpy() for name, value in values.items()})
        parts.append(part.assign(condition=condition, starts=starts))
    return pd.concat(parts, ignore_index=True)


def describe(network: Network, points: FixedPoints) -> dict[str, Tensor]:
    """Describe n fixed points of one network as values (n) by the names of ``fixed_points.csv``."""
    free = ~network.clamped
    weights = network.weights[0][free][:, free]
    readout = network.output_weights[0, 0]
    matrix = jacobian(weights, points.state, network.activation)
    modes = modes_of(matrix)
    slope = activation.slope(rate(network, points.state), network.activation)
    response = linear_response(modes, network.input_weights[0][free], (slope * readout[free])[:, None])
    linear = stability(matrix, modes, readout[free])
    held = rate(network, network.clamped_state[~free]) @ readout[~free]
    return {
        "index": torch.arange(len(points.hits)),
        "residual": points.residual,
        "hits": points.hits,
        "stable": linear.largest_real < 0,
        **linear._asdict(),
        "step_modulus": (1 + network.leak * modes.values).abs().amax(-1),
        "gain": response.gain[:, 0].norm(dim=-1),
        "slow_share": response.slow_share[:, 0],
        "output": rate(network, points.state) @ readout[free] + held,
    }


def number(search: Search) -> Tensor:
    """Count the fixed points of each network, (b), over all conditions."""
    return _in_order(search, search.points.groupby("network").size())


def number_stable(search: Search) -> Tensor:
    """Count the stable fixed points of each network, (b), over all conditions."""
    return _in_order(search, search.points.groupby("network").stable.sum())


def arrivals(search: Search) -> Tensor:
    """Give the fraction of the starts that ended on a fixed point, (b)."""
    return _in_order(search, search.points.groupby("network").hits.sum() / search.starts)


def _in_order(search: Search, values: pd.Series) -> Tensor:
    """Bring values by network to the order of the ids; networks without a fixed point have 0."""
    return torch.tensor(values.reindex(search.network, fill_value=0).to_numpy(float))
