"""The pages of what was found: families of rules, and rules from dense to sparse."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray

from threefactor.plotting import coefficients, families, palette, style
from threefactor.plotting.coefficients import Surface

ACROSS = 4
"""Functions in a row."""


class Compared(NamedTuple):
    """Learned rules beside one another; names are in the order of the distances."""

    members: pd.DataFrame
    names: Sequence[str]
    theta: NDArray[np.float64]  # distances
    function: NDArray[np.float64]
    rank: pd.DataFrame
    surfaces: Mapping[str, Surface]


def page(data: Compared, dpi: float) -> Figure:
    """Draw distances, scores, ranks, and every rule's function."""
    with style.look():
        lines = -(-len(data.surfaces) // ACROSS)
        tall = 1.4 + 0.16 * len(data.members)
        figure = style.sheet(8.4, 3.2 + tall + 1.9 * lines, dpi)
        top, middle, below = style.rows(figure, (3.2, tall, 1.9 * lines))
        left, right = top.subplots(1, 2)
        families.distances(left, ("Distance in scaled θ", data.names, data.theta))
        families.distances(right, ("Distance as functions of visited states", data.names, data.function))
        scored, ranked = middle.subplots(1, 2)
        families.scores(scored, data.members)
        families.ranks(ranked, data.rank)
        tiles = style.tiles(below, len(data.surfaces), ACROSS)
        for ax, (name, surface) in zip(tiles, data.surfaces.items(), strict=True):
            coefficients.surface(ax, surface)
            ax.set_title(surface.name, fontsize=7, color=palette.colour(name))
        style.letters([left, right, scored, ranked])
    return figure


def sparsity(pruned: Mapping[str, tuple[pd.DataFrame, pd.DataFrame]], dpi: float) -> Figure:
    """Draw, a row per rule, the path from dense to sparse and what each term is worth (path.csv, worth.csv)."""
    with style.look():
        if not pruned:
            figure = style.sheet(5, 2, dpi)
            style.nothing(figure.subplots(), "no rule was pruned")
            return figure
        figure = style.sheet(8.4, 2.8 * len(pruned), dpi)
        grid = figure.subplots(len(pruned), 3, squeeze=False)
        for row, (rule, (path, worth)) in zip(grid, pruned.items(), strict=True):
            families.worth(row[0], (rule, worth))
            families.path(row[1], (rule, path))
            families.path_terms(row[2], (rule, path))
        style.letters(list(grid.flat))
    return figure
