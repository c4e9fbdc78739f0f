"""Tables of fixed points, from the search under each constant input."""

from collections.abc import Mapping

import pandas as pd
from torch import Tensor

from threefactor.analysis.landscape.conditions import describe
from threefactor.analysis.landscape.fixed_points import FixedPoints
from threefactor.analysis.representation.components import Components, project
from threefactor.contract import Network
from threefactor.network.simulate import rate


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


def points_profile(table: pd.DataFrame, network: list[int], starts: int) -> pd.DataFrame:
    """Count fixed points of each network, in the order of the ids.

    Parameters
    ----------
    table : DataFrame
        Fixed points of all these networks, from `points_table`, with the column network.
    network : list of int
        Ids of the networks that were searched; those without a fixed point count as 0.
    starts : int
        Starts of one network, over all inputs.
    """
    of_network = table.groupby("network")
    counts = {
        "fixed_points": of_network.size(),
        "stable_fixed_points": of_network.stable.sum(),
        "fixed_point_arrivals": of_network.hits.sum() / starts,
    }
    return pd.DataFrame(counts).reindex(network, fill_value=0).astype(float).reset_index(drop=True)
