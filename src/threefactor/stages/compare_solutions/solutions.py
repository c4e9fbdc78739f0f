"""The networks that are compared at each level of noise-free error."""

from typing import NamedTuple

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor

from threefactor.experiment.work import Work


class Solutions(NamedTuple):
    """The n networks of all rules that are compared at one level."""

    level: float
    profile: pd.DataFrame  # n rows of ``analyse/<learning_rule>/<batch>.csv``, rule by rule
    rule: NDArray[np.int64]  # n, place of the network's rule among those that occur
    rates: Tensor  # n, y t, i, float64


def solutions(work: Work) -> list[Solutions]:
    """Read the networks at every level at which there are any, from the highest level."""
    networks = work.joined("networks")
    networks = networks[networks.analysed.astype(bool)]
    enough = networks.groupby(["level", "learning_rule"]).network.transform("size") >= 2
    networks = networks[enough]
    return [_at(work, level, networks) for level in sorted(set(networks.level), reverse=True)]


def _at(work: Work, level: float, networks: pd.DataFrame) -> Solutions:
    """Read those at one level, with their rates in the order of the table."""
    order = {rule: place for place, rule in enumerate(work.settings.retrain.rules)}
    rows = networks[networks.level == level]
    rows = rows.assign(place=rows.learning_rule.map(order)).sort_values(["place", "network"])
    profile = rows.drop(columns="place").reset_index(drop=True)
    found: dict[tuple[str, int], Tensor] = {}
    for values, arrays in work.each_arrays("representations"):
        if f"{level:g}.network" in arrays:
            ids, rates = arrays[f"{level:g}.network"].tolist(), arrays[f"{level:g}.rates"]
            found |= {(values["learning_rule"], number): rates[at] for at, number in enumerate(ids)}
    keys = zip(profile.learning_rule, profile.network, strict=True)
    rates = torch.stack([found[str(rule), int(number)].flatten(0, 1) for rule, number in keys]).double()
    return Solutions(level, profile, pd.factorize(profile.learning_rule)[0], rates)
