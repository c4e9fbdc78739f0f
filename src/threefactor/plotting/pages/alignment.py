"""The pages of the rules' expected updates: "Subspace-sensitivities provide accurate gradient information"."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.figure import Figure

from threefactor.plotting import alignment, descent, style


def gradient_alignment(
    along: pd.DataFrame, types: pd.DataFrame, speed: pd.DataFrame, words: Mapping[str, str], dpi: float
) -> Figure:
    """Draw how well rules follow the gradient, and that beside their speed.

    Parameters
    ----------
    along, types, speed
        From `along_training`, `by_type` and `against_speed` of `threefactor.analysis.gradients.alignment`.
    words
        The correlation with speed of the ``raw`` and of the ``corrected`` cosine.
    dpi
        Resolution of what is rasterised.
    """
    with style.look():
        figure = style.sheet(7.6, 5.6, dpi)
        grid = figure.add_gridspec(2, 6)
        spots = [grid[0, :2], grid[0, 2:4], grid[0, 4:], grid[1, :3], grid[1, 3:]]
        axes = [figure.add_subplot(spot) for spot in spots]
        for ax, panel, data in (
            (axes[0], alignment.along, along),
            (axes[1], alignment.types, types),
            (axes[2], alignment.signs, along),
        ):
            panel(ax, data) if len(data) else alignment.nothing(ax)
        for ax, column in ((axes[3], "raw"), (axes[4], "corrected")):
            alignment.speed(ax, speed, column, words[column]) if len(speed) else alignment.nothing(ax)
        style.letters(axes)
        counts = {str(rule): int(n) for rule, n in zip(speed.learning_rule, speed.networks, strict=True)}
        style.rule_legend(figure, [*along.learning_rule, *speed.learning_rule], counts)
    return figure


def rule_alignments(matrix: pd.DataFrame, same: pd.DataFrame, dpi: float) -> Figure:
    """Draw rules against each other, and how much of the gradient the best polynomial rule can follow.

    Parameters
    ----------
    matrix
        From `alignment.matrix`.
    same
        From `alignment.at_same_weights`, with the rows of `span.ceiling`.
    dpi
        Resolution of what is rasterised.
    """
    with style.look():
        figure = style.sheet(7.6, 4.2, dpi)
        axes = figure.subplots(1, 2, width_ratios=(1.35, 1))
        alignment.matrix(axes[0], matrix) if len(matrix) else alignment.nothing(axes[0])
        alignment.ceiling(axes[1], same) if len(same) else alignment.nothing(axes[1])
        style.letters(axes)
    return figure


def steps(lengths: pd.DataFrame, reach: pd.DataFrame, trial: pd.Series, dpi: float) -> Figure:
    """Draw what steps along updates change.

    Parameters
    ----------
    lengths, reach
        From `by_length` and `reach` of `threefactor.analysis.gradients.descent`.
    trial
        Length of a trial's expected update by rule, in norms of W.
    dpi
        Resolution of what is rasterised.
    """
    with style.look():
        figure = style.sheet(7.6, 3.6, dpi)
        axes = figure.subplots(1, 3, width_ratios=(1, 1, 1))
        descent.change(axes[0], lengths)
        descent.ratio(axes[1], lengths)
        descent.reach(axes[2], reach, trial)
        style.letters(axes)
        style.rule_legend(figure, lengths.learning_rule)
    return figure
