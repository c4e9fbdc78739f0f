"""Draw how the gain of the initial weights changes how soon networks are at each level."""

import pandas as pd
from matplotlib.figure import Figure

from threefactor.experiment.work import Drawing, Inputs
from threefactor.plotting import levels, style

HEADING = 5.8
INPUTS = {"levels_by_gain": "compare_learning/levels_by_gain.csv"}
READS = ("figures.dpi", "analyse.level")

ACROSS = 4
"""Panels in a row."""


def draw(inputs: Inputs) -> Drawing:
    """Draw levels_by_gain.csv."""
    table = inputs.table("levels_by_gain")
    found = findings(table) | {"level": f"{inputs.settings.analyse.level:g}"}
    return Drawing(page(table, inputs.settings.figures.dpi), found)


def findings(table: pd.DataFrame) -> dict[str, object]:
    """State by gain, level and rule how many networks got there, of how many, and the restricted mean."""
    found: dict[str, dict[str, dict[str, object]]] = {}
    for row in table.to_dict("records"):
        own = found.setdefault(f"{row['gain']:g}", {}).setdefault(f"{row['level']:g}", {})
        own[row["learning_rule"]] = {name: row[name] for name in ("reached", "networks", "restricted_mean")}
    return {"gains": found}


def page(table: pd.DataFrame, dpi: float) -> Figure:
    """Draw a panel per level; `dpi` is that of what is rasterised."""
    parts = [part for _, part in table.groupby("level", sort=False)]
    with style.look():
        figure = style.sheet(7.6, 2.8 * -(-len(parts) // ACROSS), dpi)
        axes = style.tiles(figure, len(parts), ACROSS, shared=True)
        for ax, part in zip(axes, parts, strict=True):
            levels.by_gain(ax, part)
        style.rule_legend(figure, table.learning_rule, marks=True)
        style.letters(axes)
    return figure
