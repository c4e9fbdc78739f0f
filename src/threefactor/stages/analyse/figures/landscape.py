"""Draw weight change, eigenvalues and fixed points."""

from collections.abc import Sequence

import pandas as pd
from matplotlib.figure import Figure

from threefactor.analysis.landscape.relative_spectrum import relative_spectrum
from threefactor.analysis.network_table import named
from threefactor.analysis.solutions.examples import at_level, examples
from threefactor.experiment.work import Drawing, Inputs
from threefactor.plotting import landscape, style

HEADING = 5.4
INPUTS = {
    "networks": "analyse/{learning_rule}/{batch}.csv",
    "spectrum": "analyse/{learning_rule}/{batch}.spectrum.csv",
    "fixed_points": "analyse/{learning_rule}/{batch}.fixed_points.csv",
}
READS = ("figures", "analyse.level")

DRAWN = ("relative_change", "rank_participation", "participation_ratio", "stable_fixed_points")
"""Measures that are drawn network by network."""


def draw(inputs: Inputs) -> Drawing:
    """Draw what learning changed in the weights, and the fixed points that came of it."""
    level = inputs.settings.analyse.level
    networks, spectrum, points = (at_level(inputs.joined(name), level) for name in INPUTS)
    analysed = networks[networks.analysed.astype(bool)]
    own = [
        spectrum[(spectrum.learning_rule == rule) & (spectrum.network == network)]
        for rule, network in examples(analysed).items()
    ]
    figure = page(analysed, relative_spectrum(spectrum), own, points, inputs.settings.figures.dpi)
    return Drawing(figure, findings(analysed, points))


def findings(analysed: pd.DataFrame, points: pd.DataFrame) -> dict[str, object]:
    """State the networks and medians of the drawn measures by rule, and how many fixed points are stable."""
    by_rule = analysed.groupby("learning_rule", sort=False)
    medians = {name: _numbers(by_rule[name].median()) for name in DRAWN}
    return {
        "networks": {str(rule): int(n) for rule, n in by_rule.size().items()},
        "medians": medians,
        "fixed_points": len(points),
        "stable": int(points.stable.astype(bool).sum()),
    }


def page(
    networks: pd.DataFrame,
    spectrum: pd.DataFrame,
    eigenvalues: Sequence[pd.DataFrame],
    points: pd.DataFrame,
    dpi: float,
) -> Figure:
    """Draw weight change, eigenvalues and fixed points.

    Parameters
    ----------
    networks
        The analysed rows of the table of networks.
    spectrum
        From `quantiles.relative_spectrum`.
    eigenvalues
        Rows of spectrum.csv of one network each.
    points
        fixed_points.csv.
    dpi
        Resolution of what is rasterised.
    """
    with style.look():
        if not len(networks):
            return style.blank(style.NOBODY, dpi)
        rows = -(-len(eigenvalues) // 4)
        figure = style.sheet(8.2, 5.4 + 2.1 * rows, dpi)
        top, below = style.rows(figure, (5.4, 2.1 * rows))
        axes = top.subplots(2, 3).flatten()
        for ax, name in zip(axes[[0, 1, 3, 4]], DRAWN, strict=True):
            landscape.per_rule(ax, networks, named(name))
        landscape.spectrum(axes[2], spectrum)
        if len(points):
            landscape.stability(axes[5], points)
        else:
            style.nothing(axes[5], "no fixed point was found")
        for ax in (axes[1], axes[4]):
            ax.set_yticklabels([])
        planes = style.tiles(below, len(eigenvalues), 4)
        for ax, part in zip(planes, eigenvalues, strict=True):
            landscape.eigenvalues(ax, part)
        below.suptitle(
            "Eigenvalues of W before (grey rings) and after learning, one network of each rule", fontsize=9
        )
        counts = networks.groupby("learning_rule").size()
        style.rule_legend(top, counts.index, {str(rule): int(n) for rule, n in counts.items()}, marks=True)
        style.letters([*axes, *planes])
    return figure


def _numbers(values: pd.Series) -> dict[str, float]:
    """Turn values by rule into plain numbers."""
    return {str(rule): float(value) for rule, value in values.items()}
