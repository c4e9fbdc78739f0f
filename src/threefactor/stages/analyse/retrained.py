"""The networks of one batch: a table of all, and those that are analysed at a level of error."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from torch import Tensor

from threefactor.analysis.group import Group
from threefactor.analysis.network_table import RETRAINED
from threefactor.experiment.retrained_batches import under_gain
from threefactor.experiment.solutions import at_level
from threefactor.experiment.work import Work


def levels(settings: Any) -> list[float]:
    """List the levels at which networks are analysed, from the highest: ``analyse.level``, and ``analyse.levels``."""
    return sorted({settings.analyse.level, *settings.analyse.levels}, reverse=True)


def retrained(work: Work) -> pd.DataFrame:
    """Read the table of the batch at the levels, a row per network and level, and mark the networks that are analysed.

    At each level these are the networks that crossed it by learning, those with the smallest ids.
    """
    settings, table = work.settings, work.table("levels")
    batch = int(work.wildcards["batch"])
    table = table[table.level.isin(levels(settings))].copy()
    table["crossed"] = table.crossed.astype(bool)
    is_trained = table.crossed & (table.trials > 0)
    place = is_trained[table.network.sort_values().index].groupby(table.level).cumsum()
    table = table.assign(
        learning_rule=work.wildcards["learning_rule"],
        batch=batch,
        gain=under_gain(settings, batch).network.gain,
        analysed=is_trained & (place <= settings.analyse.networks),
    )
    return table[[column.name for column in RETRAINED]].reset_index(drop=True)


def group_at(work: Work, arrays: Mapping[str, Tensor], networks: pd.DataFrame, level: float) -> Group:
    """Take the networks that are analysed at a level, before learning and then, in float64, out of their file."""
    ids = networks.network[networks.analysed & (networks.level == level)].tolist()
    batch = int(work.wildcards["batch"])
    both = at_level(work.settings, arrays, batch, level, ids)
    return Group(work.wildcards["learning_rule"], ids, *both)
