"""Draw how soon networks are at each level of noise-free error, whether they stay there, and where they end."""

import pandas as pd
from matplotlib.figure import Figure

from threefactor.experiment.work import Drawing, Inputs
from threefactor.plotting import levels, style

HEADING = 5.1
INPUTS = {"levels": "compare_learning/levels.csv", "endings": "compare_learning/endings.csv"}
READS = ("figures.dpi",)

ACROSS = 3
"""Panels in a row."""

ESTIMATES = {
    "restricted_mean": ("restricted_mean_low", "restricted_mean_high"),
    "ratio_to_theta_33": ("ratio_low", "ratio_high"),
    "error": ("error_low", "error_high"),
    "lost_fraction": ("lost_low", "lost_high"),
}
"""Columns of levels.csv that have an interval or quartiles."""


def draw(inputs: Inputs) -> Drawing:
    """Draw levels.csv and endings.csv."""
    by_level, endings = inputs.table("levels"), inputs.table("endings")
    return Drawing(page(by_level, endings, inputs.settings.figures.dpi), findings(by_level))


def findings(by_level: pd.DataFrame) -> dict[str, object]:
    """State what levels.csv says of each rule, by level: estimates as [value, low, high]."""
    found: dict[str, dict[str, object]] = {}
    for row in by_level.to_dict("records"):
        counts = {name: int(row[name]) for name in ("networks", "reached", "crossed", "lost")}
        estimates = {name: [row[key] for key in (name, *ends)] for name, ends in ESTIMATES.items()}
        found.setdefault(f"{row['level']:g}", {})[row["learning_rule"]] = {**counts, **estimates}
    return {"horizon": int(by_level.horizon.max()), "levels": found}


def page(by_level: pd.DataFrame, endings: pd.DataFrame, dpi: float) -> Figure:
    """Draw a panel per level, the endings and the stability; `dpi` is that of what is rasterised."""
    parts = [part for _, part in by_level.groupby("level", sort=False)]
    count, names = len(parts) + 2, by_level.learning_rule.nunique()
    first = 0.7 * by_level.restricted_mean_low.fillna(by_level.restricted_mean).min()
    with style.look():
        down = -(-count // ACROSS)
        figure = style.sheet(7.6, down * (0.9 + 0.17 * names), dpi)
        axes = style.tiles(figure, count, ACROSS)
        for at, (ax, part) in enumerate(zip(axes, parts, strict=False)):
            levels.trials_to(ax, part, first, named=at % ACROSS == 0)
        levels.endings(axes[-2], endings, named=(count - 2) % ACROSS == 0)
        levels.lost(axes[-1], by_level, named=(count - 1) % ACROSS == 0)
        style.letters(axes)
    return figure
