"""How far solutions lie apart: between rules, and within each."""

import pandas as pd
from matplotlib.axes import Axes

from threefactor.analysis.solutions.distances import named
from threefactor.plotting import palette
from threefactor.plotting.learning_speed import points

WORDS = {
    "learning_rule": "rule",
    "initialisation": "initialisation",
    "dispersion": "dispersion",
    "classification": "classification",
}


def solution_map(ax: Axes, data: pd.DataFrame) -> Axes:
    """Draw the map of one distance, a point per network, from embedding.csv."""
    for rule in palette.ordered(data.learning_rule):
        part = data[data.learning_rule == rule]
        ax.plot(part.x, part.y, palette.mark(rule), color=palette.colour(rule), ms=4, alpha=0.75, mew=0)
    name, share = str(data.distance.iloc[0]), float(data.explained.iloc[0])
    ax.set(title=f"Map of solutions, {named(name).label}")
    ax.set(xlabel=f"{_with_unit('MDS 1', name)}, with MDS 2 {100 * share:.0f} % of the map")
    ax.set(ylabel=_with_unit("MDS 2", name))
    ax.set_aspect("equal", adjustable="datalim")
    return ax


def spread(ax: Axes, data: pd.DataFrame) -> Axes:
    """Draw the mean distance between two networks of a rule, from spread.csv of one quantity."""
    points(ax, data, "estimate", "low", "high")
    name = str(data.quantity.iloc[0])
    ax.set(title=named(name).label, xlabel=_with_unit("distance", name))
    return ax


def spread_ratio(ax: Axes, data: pd.DataFrame) -> Axes:
    """Draw the spread in units of BPTT's, from spread.csv of one quantity."""
    points(ax, data, "ratio_to_bptt", "ratio_low", "ratio_high", numbers=True)
    ax.axvline(1, color="0.6", lw=0.8)
    ax.set(title="To BPTT", xlabel="ratio of spreads", yticklabels=[])
    ax.margins(x=0.25)
    return ax


def tests(ax: Axes, data: pd.DataFrame) -> Axes:
    """Write the tests between groups as a table, from tests.csv."""
    head = ("distance", "test", "of", "within", "networks", "statistic", "effect", "chance", "p")
    rows = [_row(row) for _, row in data.iterrows()]
    table = ax.table(rows, colLabels=head, loc="center", cellLoc="center", edges="horizontal")
    table.auto_set_font_size(False)
    table.set_fontsize(6.5)
    table.auto_set_column_width(list(range(len(head))))
    table.scale(1, 1.15)
    ax.set_axis_off()
    ax.set_title("Tests of solution classes")
    return ax


def _with_unit(words: str, name: str) -> str:
    """Write the unit of a distance behind words, where it has one."""
    unit = named(name).unit
    return f"{words} ({unit})" if unit else words


def _row(row: pd.Series) -> list[str]:
    """Write one test."""
    names = [WORDS.get(str(row[c]), str(row[c])) for c in ("test", "factor", "permuted_within")]
    numbers = [f"{row[c]:.2f}" if pd.notna(row[c]) else "–" for c in ("statistic", "effect", "chance")]
    p = f"{row.p:.3f}" if pd.notna(row.p) else "–"
    return [named(str(row.distance)).label, *names, f"{row.networks:.0f}", *numbers, p]
