"""The pages of how solutions differ.

The heading is "Different plasticity rules result in different representations and learning dynamics".
"""

from collections.abc import Mapping, Sequence

import pandas as pd
from matplotlib.figure import Figure

from threefactor.plotting import landscape as land
from threefactor.plotting import representation, solutions, style
from threefactor.plotting.representation import CrossTemporal, Trajectories

NOBODY = "no rule has two networks at criterion"

PER_NETWORK = (
    ("relative_change", "Size of ΔW", "‖ΔW‖ / ‖W at start‖ (no unit)"),
    ("rank_participation", "Effective rank of ΔW", "rank (participation of σ²)"),
    ("participation_ratio", "Dimension of activity", "participation ratio of rates"),
    ("stable_fixed_points", "Stable fixed points", "count over all inputs"),
)
"""Columns of networks.csv that are drawn network by network, with title and label."""


def learning_curves(curves: pd.DataFrame, counts: Mapping[str, int], chance: float, dpi: float) -> Figure:
    """Draw error and accuracy during training (`learning_curve.curve` of every rule); `chance` of being correct."""
    with style.look():
        figure = style.sheet(7.6, 3.3, dpi)
        axes = figure.subplots(1, 2)
        if len(curves):
            representation.error_curves(axes[0], curves)
            representation.accuracy_curves(axes[1], curves, chance)
        else:
            for ax in axes:
                style.nothing(ax, "no trial was run")
        style.rule_legend(figure, curves.learning_rule, counts)
        style.letters(axes)
    return figure


def trajectories(networks: Sequence[Trajectories], dpi: float) -> Figure:
    """Draw one network of every rule on its own principal components."""
    with style.look():
        if not networks:
            return _empty(dpi)
        figure = style.sheet(2.6 * max(2, min(3, len(networks))), 2.6 * -(-len(networks) // 3) + 0.4, dpi)
        axes = style.tiles(figure, len(networks), 3)
        for ax, network in zip(axes, networks, strict=True):
            representation.trajectory(ax, network)
        found = [ax.get_legend_handles_labels() for ax in axes]
        named = {
            word: handle for handles, words in found for handle, word in zip(handles, words, strict=True)
        }
        if named:
            across = -(-len(named) // 2)
            figure.legend(named.values(), named.keys(), loc="outside lower center", ncols=across)
        style.letters(axes)
    return figure


def codes(
    decoding: pd.DataFrame,
    across: Sequence[CrossTemporal],
    chance: Mapping[str, float],
    periods: Mapping[str, tuple[float, float]],
    dpi: float,
) -> Figure:
    """Draw decoding over time for every variable, and that of the first across time for every rule.

    Parameters
    ----------
    decoding
        decoding.csv.
    across
        The first variable, decoded across time.
    chance
        Accuracy of guessing each variable.
    periods
        Onset and end of the periods of a trial, ms.
    dpi
        Resolution of what is rasterised.
    """
    with style.look():
        variables = list(dict.fromkeys(decoding.variable))
        if not variables or not across:
            return _empty(dpi)
        rows = -(-len(across) // 4)
        figure = style.sheet(7.6, 3.0 + 1.95 * rows, dpi)
        top, below = style.rows(figure, (3.0, 1.95 * rows))
        first = top.subplots(1, len(variables), squeeze=False, sharey=True)[0]
        for ax, variable in zip(first, variables, strict=True):
            representation.decoding(ax, decoding[decoding.variable == variable], chance[variable], periods)
            ax.label_outer()
        first[0].set_ylim(float(decoding.low.min()) - 0.03, 1.03)
        matrices = style.tiles(below, len(across), 4, shared=True)
        images = [representation.cross_temporal(ax, part) for ax, part in zip(matrices, across, strict=True)]
        below.colorbar(
            images[0],
            ax=below.axes,
            label=f"accuracy, {representation.STIMULI.get(variables[0], variables[0])}",
            shrink=0.8,
        )
        of_rule = decoding.groupby("learning_rule").networks.max()
        style.rule_legend(top, of_rule.index, {str(rule): int(n) for rule, n in of_rule.items()})
        style.letters([*first, *matrices])
    return figure


def landscape(
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
        networks.csv, the analysed rows.
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
            return _empty(dpi)
        rows = -(-len(eigenvalues) // 4)
        figure = style.sheet(8.2, 5.4 + 2.1 * rows, dpi)
        top, below = style.rows(figure, (5.4, 2.1 * rows))
        axes = top.subplots(2, 3).flatten()
        for ax, named in zip(axes[[0, 1, 3, 4]], PER_NETWORK, strict=True):
            land.per_rule(ax, networks, *named)
        land.spectrum(axes[2], spectrum)
        land.stability(axes[5], points) if len(points) else style.nothing(axes[5], "no fixed point was found")
        for ax in (axes[1], axes[4]):
            ax.set_yticklabels([])
        planes = style.tiles(below, len(eigenvalues), 4)
        for ax, part in zip(planes, eigenvalues, strict=True):
            land.eigenvalues(ax, part)
        below.suptitle(
            "Eigenvalues of W before (grey rings) and after learning, one network of each rule", fontsize=9
        )
        counts = networks.groupby("learning_rule").size()
        style.rule_legend(top, counts.index, {str(rule): int(n) for rule, n in counts.items()})
        style.letters([*axes, *planes])
    return figure


def solution_space(embedding: pd.DataFrame, spread: pd.DataFrame, tests: pd.DataFrame, dpi: float) -> Figure:
    """Draw maps of all networks, the spread within rules and the tests between them."""
    with style.look():
        distances = list(dict.fromkeys(embedding.distance))
        if not distances:
            return _empty(dpi)
        figure = style.sheet(8.6, 8.6, dpi)
        top, middle, below = style.rows(figure, (3.3, 2.5, 2.4))
        maps = top.subplots(1, len(distances), squeeze=False)[0]
        for ax, name in zip(maps, distances, strict=True):
            solutions.solution_map(ax, embedding[embedding.distance == name])
        forest = middle.subplots(1, 2 * len(distances), squeeze=False)[0]
        for at, name in enumerate(distances):
            part = spread[spread.quantity == name]
            solutions.spread(forest[2 * at], part)
            solutions.spread_ratio(forest[2 * at + 1], part)
            if at:
                forest[2 * at].set_yticklabels([])
        table = solutions.tests(below.subplots(), tests)
        counts = embedding[embedding.distance == distances[0]].groupby("learning_rule").size()
        style.rule_legend(top, counts.index, {str(rule): int(n) for rule, n in counts.items()})
        style.letters([*maps, *forest, table])
    return figure


def _empty(dpi: float) -> Figure:
    """Return a figure that says why it shows nothing."""
    figure = style.sheet(5, 2, dpi)
    style.nothing(figure.subplots(), NOBODY)
    return figure
