"""Draw which learned rules are functionally distinct: distances, scores, ranks of tangents, and functions."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray

from threefactor.analysis.families import findings, rule_distances
from threefactor.experiment.rule_function import surface
from threefactor.experiment.work import Drawing, Inputs
from threefactor.plotting import coefficients, families, palette, style
from threefactor.plotting.coefficients import Surface

HEADING = 2.2
INPUTS = {
    "rules": "families/rules.csv",
    "distances": "families/distances.csv",
    "rank": "families/rank.csv",
    "theta": "metalearn/{learned_rule}/theta.csv",
}
READS = (
    "figures.dpi",
    "perturbation.kind",
    "perturbation.size",
    "perturbation.noise",
    "plasticity.deviation",
    "plasticity.deviation_floor",
    "plasticity.deviation_bound",
)

ACROSS = 4
"""Functions in a row."""


class Compared(NamedTuple):
    """Learned rules beside one another; names are in the order of the distances."""

    rules: pd.DataFrame
    names: Sequence[str]
    theta: NDArray[np.float64]  # distances
    function: NDArray[np.float64]
    rank: pd.DataFrame
    surfaces: Mapping[str, Surface]


def draw(inputs: Inputs) -> Drawing:
    """Put rules of one cluster side by side, and draw all of them."""
    rules = inputs.table("rules").fillna({"rule_class": ""})
    apart, rank = inputs.table("distances"), inputs.table("rank")
    thetas = inputs.by("theta", "learned_rule")
    names = list(rules.sort_values("cluster", kind="stable").learning_rule)
    columns = ("theta_distance", findings.FUNCTION)
    theta, function = (rule_distances.matrix(apart, names, column) for column in columns)
    surfaces = {
        name: surface(inputs.settings, thetas[name], "theta", palette.label(name))
        for name in names
        if name in thetas
    }
    drawn = page(Compared(rules, names, theta, function, rank, surfaces), inputs.settings.figures.dpi)
    return Drawing(drawn, findings.families(rules, apart, rank))


def page(data: Compared, dpi: float) -> Figure:
    """Draw distances, scores, ranks, and the function of every rule."""
    with style.look():
        lines = max(1, -(-len(data.surfaces) // ACROSS))
        tall = 1.4 + 0.16 * len(data.rules)
        figure = style.sheet(8.4, 3.2 + tall + 1.9 * lines, dpi)
        top, middle, below = style.rows(figure, (3.2, tall, 1.9 * lines))
        left, right = top.subplots(1, 2)
        families.distances(left, ("Distance in scaled θ", data.names, data.theta))
        families.distances(right, ("Distance as functions of visited states", data.names, data.function))
        scored, ranked = middle.subplots(1, 2)
        families.scores(scored, data.rules)
        families.ranks(ranked, data.rank)
        if data.surfaces:
            tiles = style.tiles(below, len(data.surfaces), ACROSS)
            for ax, (name, one) in zip(tiles, data.surfaces.items(), strict=True):
                coefficients.surface(ax, one)
                ax.set_title(one.name, fontsize=7, color=palette.colour(name))
        style.letters([left, right, scored, ranked])
    return figure
