"""Networks on their own principal components, with their fixed points without input, as stage ``analyse`` wrote them."""

from collections.abc import Iterator, Mapping, Sequence

import pandas as pd
from torch import Tensor

from threefactor.experiment.work import Inputs
from threefactor.plotting.representation import Trajectories

PARTS = ("network", "projection", "explained")
"""Arrays of ``analyse/<learning_rule>/<batch>.safetensors`` that a portrait needs."""


def portraits(
    inputs: Inputs, level: float, wanted: Mapping[str, Sequence[int]], trial_types: Sequence[str]
) -> Iterator[Trajectories]:
    """Yield the networks that are wanted of each rule, file by file; those without arrays at the level are left out.

    Parameters
    ----------
    inputs : Inputs
        With ``representations`` and ``fixed_points`` of stage ``analyse``.
    level : float
        Of noise-free error.
    wanted : mapping of str to sequence of int
        Numbers of networks, by learning rule.
    trial_types : sequence of str
        Names of the trial types y.
    """
    points = inputs.joined("fixed_points")
    if len(points):
        points = points[(points.level == level) & (points.condition == "none")]
    for values, arrays in inputs.each_arrays("representations"):
        rule = values["learning_rule"]
        own = {name: arrays.get(f"{level:g}.{name}") for name in PARTS}
        if own["network"] is not None:
            known = {name: part for name, part in own.items() if part is not None}
            for network in [one for one in known["network"].tolist() if one in wanted.get(rule, ())]:
                yield _portrait(rule, network, known, points, trial_types)


def _portrait(
    rule: str, network: int, arrays: Mapping[str, Tensor], points: pd.DataFrame, trial_types: Sequence[str]
) -> Trajectories:
    """Take the trajectories and fixed points of one network."""
    at = arrays["network"].tolist().index(network)
    own = points[(points.learning_rule == rule) & (points.network == network)]
    projection, explained = (arrays[name][at].double().cpu().numpy() for name in ("projection", "explained"))
    spots, stable = own[["pc1", "pc2", "pc3"]].to_numpy(float), own.stable.to_numpy(bool)
    return Trajectories(rule, network, projection, explained, tuple(trial_types), spots, stable)
