"""The networks that were retrained: a table of all, and those of each learning rule that are analysed."""

import pandas as pd
import torch

from threefactor.analysis.group import Group, joined
from threefactor.analysis.network_table import RETRAINED
from threefactor.experiment.solutions import network_of
from threefactor.experiment.work import Work
from threefactor.training.batch import convert, select


def retrained(work: Work) -> pd.DataFrame:
    """Read the table of all retrained networks at the level of error, and mark those that are analysed.

    Of each rule these are the networks that crossed the level with the smallest numbers; one alone is not analysed.
    """
    settings, table = work.settings.analyse, work.joined("levels")
    table = table[table.level == settings.level].copy()
    table["batch"], table["crossed"] = table.batch.astype(int), table.crossed.astype(bool)
    place = table.sort_values("network").groupby("learning_rule").crossed.cumsum()
    enough = table.groupby("learning_rule").crossed.transform("sum") >= 2
    table["analysed"] = table.crossed & enough & (place <= settings.networks_per_rule)
    return table[[column.name for column in RETRAINED]].reset_index(drop=True)


def groups(work: Work, networks: pd.DataFrame) -> dict[str, Group]:
    """Load the analysed networks of each learning rule before learning and at the level, in float64."""
    parts: dict[str, list[Group]] = {}
    settings = work.settings
    place = list(settings.retrain.levels).index(settings.analyse.level)
    for values, arrays in work.each_arrays("solutions"):
        rule = values["learning_rule"]
        rows = networks[(networks.learning_rule == rule) & (networks.batch == int(values["batch"]))]
        if rows.analysed.any():
            keep = torch.as_tensor(rows.analysed.to_numpy(), device=work.device)
            activation = settings.network.activation
            both = network_of(arrays, "initial", activation), network_of(arrays, "level", activation, place)
            initial, at_level = (select(convert(one, dtype=torch.float64), keep) for one in both)
            numbers = rows.network[rows.analysed].tolist()
            parts.setdefault(rule, []).append(Group(rule, numbers, initial, at_level))
    return {rule: _joined(several) for rule, several in parts.items()}


def _joined(parts: list[Group]) -> Group:
    """Join the batches of a rule."""
    numbers = [number for part in parts for number in part.network]
    initial, final = (joined([getattr(part, when) for part in parts]) for when in ("initial", "final"))
    return Group(parts[0].rule, numbers, initial, final)
