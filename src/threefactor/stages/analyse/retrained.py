"""The networks that were retrained: a table of all, and those of each learning rule that are analysed."""

import pandas as pd
import torch
from torch import Tensor

from threefactor.analysis.group import Group, joined
from threefactor.analysis.network_table import RETRAINED
from threefactor.contract import Network
from threefactor.experiment.solutions import network_of
from threefactor.experiment.work import Work
from threefactor.training.batch import convert, select


def retrained(work: Work) -> pd.DataFrame:
    """Read the table of all retrained networks, and mark those that are analysed.

    Of each rule these are the networks at criterion with the smallest numbers; one network alone is not analysed.
    """
    table = work.joined("networks").rename(columns={"accuracy_last": "accuracy"})
    table["batch"], table["reached"] = table.batch.astype(int), table.reached.astype(bool)
    place = table.sort_values("network").groupby("learning_rule").reached.cumsum()
    enough = table.groupby("learning_rule").reached.transform("sum") >= 2
    table["analysed"] = table.reached & enough & (place <= work.settings.analyse.networks_per_rule)
    return table[[column.name for column in RETRAINED]]


def groups(work: Work, networks: pd.DataFrame) -> dict[str, Group]:
    """Load the analysed networks of each learning rule, in float64."""
    parts: dict[str, list[Group]] = {}
    for values, arrays in work.each_arrays("solutions"):
        rule = values["learning_rule"]
        rows = networks[(networks.learning_rule == rule) & (networks.batch == int(values["batch"]))]
        if rows.analysed.any():
            keep = torch.as_tensor(rows.analysed.to_numpy(), device=work.device)
            initial, final = (
                _some(arrays, f"{when}.weights", keep, work.settings.network.activation)
                for when in ("initial", "final")
            )
            parts.setdefault(rule, []).append(
                Group(rule, rows.network[rows.analysed].tolist(), initial, final)
            )
    return {rule: _joined(several) for rule, several in parts.items()}


def _some(arrays: dict[str, Tensor], weights: str, keep: Tensor, activation: str) -> Network:
    """Return some networks of a batch with their weights of a name, in float64."""
    return select(convert(network_of(arrays, arrays[weights], activation), dtype=torch.float64), keep)


def _joined(parts: list[Group]) -> Group:
    """Join the batches of a rule."""
    numbers = [number for part in parts for number in part.network]
    initial, final = (joined([getattr(part, when) for part in parts]) for when in ("initial", "final"))
    return Group(parts[0].rule, numbers, initial, final)
