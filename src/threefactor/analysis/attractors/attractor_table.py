"""The table of attractors, and numbers of each network over all constant inputs."""

from collections.abc import Sequence
from typing import NamedTuple

import pandas as pd
import torch
from torch import Tensor

from threefactor.analysis.attractors.attractor import Attractors
from threefactor.analysis.attractors.classes import CLASSES, FIXED_POINT, REASONS
from threefactor.analysis.table import LEVEL, NETWORK, RULE, Column, Table

LISTED = 6
"""Exponents in the table; empty beyond those that were measured."""

_RATE = "1/time constant"

ATTRACTORS = Table(
    "a distinct attractor of a network under a constant input",
    (
        *(RULE, NETWORK, LEVEL),
        Column("condition", "", "constant input: none, or the one channel that is 1 (a, b …)"),
        Column(
            "index", "", "place among the attractors of the condition, those that most starts end on first"
        ),
        Column("class", "", ", ".join(CLASSES)),
        Column("reason", "", "why the class is unresolved; empty for others"),
        Column("share", "fraction of starts", "starts that end on it"),
        *(
            Column(f"exponent_{k}", _RATE, f"Lyapunov exponent {k}, by decreasing size")
            for k in range(1, LISTED + 1)
        ),
        Column("exponent_error", _RATE, "standard error of the first; 0 for a fixed point"),
        Column(
            "dimension", "dimensions", "Kaplan-Yorke dimension; empty where the exponents do not reach it"
        ),
        Column("period", "time constants", "of a limit cycle; empty for others"),
        Column("output", "", "mean of the first output over time"),
        Column("output_std", "", "standard deviation of the first output over time"),
        Column(
            "amplitude", "", "root mean square over units of the standard deviation of the state over time"
        ),
    ),
)
"""Columns of ``attractors.csv``."""


class Census(NamedTuple):
    """What a census found in some networks."""

    attractors: pd.DataFrame  # of these networks, with the columns of `ATTRACTORS` but the rule
    network: list[int]  # that were looked at


def attractor_table(
    found: Attractors, network: Sequence[int], conditions: Sequence[str], leak: float
) -> pd.DataFrame:
    """Describe attractors, a row each.

    Parameters
    ----------
    found : Attractors
        Of b networks under each of c conditions.
    network : sequence of int
        Numbers of the b networks.
    conditions : sequence of str
        Names of the c constant inputs.
    leak : float
        Time constants in a step.
    """
    count = len(conditions)
    system = found.system.cpu()
    size = torch.bincount(system)
    total = torch.zeros(len(size)).index_add(0, system, found.starts.cpu().float())
    order = found.exponents.argsort(1, descending=True)
    exponents, errors = (part.gather(1, order) / leak for part in (found.exponents, found.exponent_error))
    values: dict[str, Tensor] = {
        "index": torch.arange(len(system)) - (size.cumsum(0) - size)[system],
        "share": found.starts.cpu() / total[system],
        **{f"exponent_{k + 1}": exponents[:, k] for k in range(min(LISTED, exponents.shape[1]))},
        "exponent_error": errors[:, 0],
        "dimension": found.dimension,
        "period": found.period * leak,
        "output": found.output_mean,
        "output_std": found.output_std,
        "amplitude": found.std.square().mean(1).sqrt(),
    }
    table = pd.DataFrame({name: value.cpu().numpy() for name, value in values.items()})
    named = {
        "network": [network[s // count] for s in system.tolist()],
        "condition": [conditions[s % count] for s in system.tolist()],
        "class": [CLASSES[kind] for kind in found.kind.tolist()],
        "reason": [REASONS[reason] for reason in found.reason.tolist()],
    }
    return table.assign(**named).reindex(
        columns=[name for name in ATTRACTORS.names() if name not in (RULE.name, LEVEL.name)]
    )


SHARES = Table(
    "a level of error, learning rule, constant input and class of attractor",
    (
        LEVEL,
        RULE,
        Column("condition", "", "constant input: none, or the one channel that is 1 (a, b …)"),
        Column("class", "", ", ".join(CLASSES)),
        Column("networks", "networks", "networks of the rule whose attractors are known"),
        Column("share", "fraction of starts", "starts that end on such an attractor, mean over networks"),
        Column("having", "networks", "networks in which any start does"),
    ),
)
"""Columns of ``attractor_classes.csv``."""


def class_shares(attractors: pd.DataFrame) -> pd.DataFrame:
    """Sum up on what attractors starts end, over the networks of a rule: `SHARES` from some rows of `ATTRACTORS`."""
    keys = [LEVEL.name, RULE.name, "condition"]
    known = attractors.groupby(keys).network.nunique()
    of_network = attractors.groupby([*keys, "class", NETWORK.name]).share.sum()
    found = of_network.groupby([*keys, "class"]).agg(["sum", "size"]).reset_index()
    networks = known.loc[pd.MultiIndex.from_frame(found[keys])].to_numpy()
    found = found.assign(networks=networks, share=found["sum"] / networks, having=found["size"])
    return found.sort_values(LEVEL.name, ascending=False, kind="stable")[SHARES.names()]


def number(census: Census) -> Tensor:
    """Count the attractors of each network, (b), over all conditions."""
    return _in_order(census, census.attractors.groupby("network").size())


def number_at_rest(census: Census) -> Tensor:
    """Count the fixed points among the attractors of each network, (b), over all conditions."""
    at_rest = census.attractors["class"] == CLASSES[FIXED_POINT]
    return _in_order(census, at_rest.groupby(census.attractors.network).sum())


def moving_share(census: Census) -> Tensor:
    """Give the share of starts that end on no fixed point, (b), mean over conditions."""
    moves = census.attractors["class"] != CLASSES[FIXED_POINT]
    share = census.attractors.share.where(moves, 0.0)
    conditions = census.attractors.groupby("network").condition.nunique()
    return _in_order(census, share.groupby(census.attractors.network).sum() / conditions)


def largest_exponent(census: Census) -> Tensor:
    """Give the largest Lyapunov exponent of each network, (b), per time constant, over all attractors."""
    return _in_order(census, census.attractors.groupby("network").exponent_1.max())


def dimension(census: Census) -> Tensor:
    """Give the largest Kaplan-Yorke dimension of each network, (b), over all attractors; NaN where one is not reached."""
    return _in_order(
        census, census.attractors.groupby("network").dimension.agg(lambda part: part.max(skipna=False))
    )


def _in_order(census: Census, values: pd.Series) -> Tensor:
    """Bring values by network to the order of the ids."""
    return torch.tensor(values.reindex(census.network).to_numpy(float))
