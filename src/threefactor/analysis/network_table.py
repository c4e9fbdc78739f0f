"""The table of retrained networks: how each learned, and every measure of those that are analysed."""

from collections.abc import Sequence

import pandas as pd

from threefactor.analysis.measure import Known, Measure
from threefactor.analysis.measures import MEASURES
from threefactor.analysis.table import LEVEL, NETWORK, RULE, Column, Table

RETRAINED = (
    *(RULE, NETWORK, LEVEL),
    Column("batch", "", "number of its batch in `retrain`"),
    Column("gain", "", "gain g of its initial weights"),
    Column("crossed", "", "whether it crossed the level"),
    Column("trials", "trials", "trials until it first did; else all trials of learning"),
    Column("error", "", "noise-free error then; empty where it never crossed the level"),
    Column(
        "analysed",
        "",
        "whether it is analysed and compared; only networks that crossed the level by learning are",
    ),
)
"""Columns that every retrained network has."""


def measures(factors: Sequence[str]) -> list[Measure]:
    """List the measures of networks on a task with these factors."""
    return [one for measure in MEASURES for one in measure.of(factors)]


def columns(factors: Sequence[str]) -> Table:
    """Return the columns for a task with these factors."""
    found = (Column(one.name, one.unit, one.meaning) for one in measures(factors))
    return Table(
        "a retrained network and level of error; measures are empty where it is not analysed",
        (*RETRAINED, *found),
    )


def measured(known: Known) -> pd.DataFrame:
    """Return every measure of the networks of a group, a row per network in its order."""
    found = {one.name: one.function(known) for one in measures(list(known.task.factors))}
    table = pd.DataFrame({name: pd.Series(value.cpu().numpy()) for name, value in found.items()})
    return table.reindex(range(len(known.group.network)))


def compared(factors: Sequence[str]) -> list[str]:
    """Name the measures whose mean over networks is compared between learning rules."""
    return [measure.name for measure in measures(factors) if measure.compared]


def named(name: str) -> Measure:
    """Return a measure by its name, as it stands in its entry."""
    return next(measure for measure in MEASURES if measure.name == name)


def label(name: str) -> str:
    """Return what figures call a compared quantity: the label of a measure, or the words of its name."""
    return next((one.label for one in MEASURES if one.name == name), name.replace("_", " ").capitalize())
