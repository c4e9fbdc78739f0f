"""The networks that are compared at each level of noise-free error, with their rates in noise-free trials."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from threefactor.analysis.solutions.compared import Compared, of_networks, some, together
from threefactor.contract import Network
from threefactor.experiment import build
from threefactor.experiment.noise_free_rates import (
    analysed_moments,
    noise_free_inputs,
    noise_free_rates,
)
from threefactor.experiment.solutions import at_level
from threefactor.experiment.work import Work

BEYOND = "error_out_of_distribution"
"""Column of stage ``generalise`` that is compared beside the measures of stage ``analyse``."""


class Solutions(NamedTuple):
    """The n networks of all rules that are compared at one level."""

    level: float
    profile: pd.DataFrame  # n rows of ``analyse/<learning_rule>/<batch>.csv`` with `BEYOND`, rule by rule
    rule: NDArray[np.int64]  # n, place of the network's rule among those that occur
    compared: Compared
    untrained: Compared  # the same networks before learning


def first_of_each_rule(found: Solutions, count: int) -> Solutions:
    """Keep the first networks of each rule."""
    keep = (found.profile.groupby("learning_rule").cumcount() < count).to_numpy()
    index = torch.as_tensor(np.flatnonzero(keep), device=found.compared.rates.device)
    return Solutions(
        found.level,
        found.profile[keep].reset_index(drop=True),
        found.rule[keep],
        some(found.compared, index),
        some(found.untrained, index),
    )


def solutions(work: Work) -> Iterator[Solutions]:
    """Read the networks at every level at which there are any, from the highest level."""
    networks = work.joined("networks")
    networks = networks[networks.analysed.astype(bool)]
    networks = networks.merge(_beyond(work), on=["learning_rule", "network", "level"], how="left")
    place = networks.groupby(["level", "learning_rule", "batch"]).cumcount()
    networks = networks[place < work.settings.compare_solutions.networks]
    enough = networks.groupby(["level", "learning_rule"]).network.transform("size") >= 2
    networks = networks[enough]
    for level in sorted(set(networks.level), reverse=True):
        yield _at(work, level, networks[networks.level == level])


def _beyond(work: Work) -> pd.DataFrame:
    """Read the error out of distribution of every network and level."""
    table = work.joined("generalised")
    return table[["learning_rule", "network", "level", BEYOND]]


def compared(work: Work, network: Network) -> Compared:
    """Run networks through noise-free trials of every type; return what is compared of them."""
    settings, at = work.settings, analysed_moments(work.settings)
    inputs, rates = noise_free_inputs(settings, network)[:, at.step], noise_free_rates(settings, network)
    within = at.within(build.task(settings).periods.get("delay"))
    return of_networks(network, rates, inputs, within, settings.analyse.shape_components)


def _at(work: Work, level: float, networks: pd.DataFrame) -> Solutions:
    """Read those at one level, in the order of the rules and of their ids."""
    rows, parts = [], []
    for values, arrays in work.each_arrays("solutions"):
        batch = int(values["batch"])
        own = networks[(networks.learning_rule == values["learning_rule"]) & (networks.batch == batch)]
        if len(own):
            both = at_level(work.settings, arrays, batch, level, own.network.tolist())
            parts.append([compared(work, network) for network in both])
            rows.append(own)
    profile = pd.concat(rows, ignore_index=True)
    rank = profile.learning_rule.map({rule: at for at, rule in enumerate(work.settings.retrain.rules)})
    order = np.lexsort((profile.network, rank))
    profile = profile.iloc[order].reset_index(drop=True)
    index = torch.as_tensor(order, device=work.device)
    before, after = (some(together(part), index) for part in zip(*parts, strict=True))
    return Solutions(level, profile, pd.factorize(profile.learning_rule)[0], after, before)
