"""The page of what the meta-gradient loses by what is left out of it."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from threefactor.plotting import omissions, palette, style


def page(terms: pd.DataFrame, windows: pd.DataFrame, words: Mapping[str, str], dpi: float) -> Figure:
    """Draw the omitted terms, their error over the lifetime, and truncation.

    Parameters
    ----------
    terms, windows
        From `analysis.gradients.omissions.by_term` and ``by_window``.
    words
        What is omitted, in order, as people write it.
    dpi
        Resolution of what is rasterised.
    """
    with style.look():
        rules = palette.ordered(terms[terms.error.notna()].learning_rule)
        if not rules:
            figure = style.sheet(5, 2, dpi)
            style.nothing(figure.subplots(), "in no network was the meta-gradient finite")
            return figure
        rows = -(-len(rules) // 2)
        figure = style.sheet(7.6, 6.4 + 2.6 * rows, dpi)
        top, middle, below = style.rows(figure, (3.5, 2.6 * rows + 0.4, 2.6))
        axes = [
            *_terms(top, terms, words),
            *_horizons(middle, terms, rules, words),
            *_windows(below, windows),
        ]
        counts = terms.groupby("learning_rule").networks.max()
        style.rule_legend(top, rules, {str(rule): int(n) for rule, n in counts.items()})
        style.letters(axes)
    return figure


def _terms(figure: SubFigure, terms: pd.DataFrame, words: Mapping[str, str]) -> list[Axes]:
    """Draw error and cosine of each omitted term at the last horizon."""
    axes = list(figure.subplots(1, 2, sharey=True))
    last = terms[terms.horizon == terms.horizon.max()]
    for ax, quantity in zip(axes, omissions.QUANTITIES, strict=True):
        omissions.by_term(ax, last, quantity, words)
    return axes


def _horizons(
    figure: SubFigure, terms: pd.DataFrame, rules: list[str], words: Mapping[str, str]
) -> list[Axes]:
    """Draw the error over the lifetime, a panel per rule."""
    axes = style.tiles(figure, len(rules), 2)
    for ax, rule in zip(axes, rules, strict=True):
        omissions.against_horizon(ax, terms[terms.learning_rule == rule], words)
        if ax is not axes[0]:
            ax.sharey(axes[0])
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return axes


def _windows(figure: SubFigure, windows: pd.DataFrame) -> list[Axes]:
    """Draw error and cosine of truncation."""
    axes = list(figure.subplots(1, 2))
    for ax, quantity in zip(axes, omissions.QUANTITIES, strict=True):
        omissions.against_window(ax, windows, quantity)
    axes[0].legend(handles=omissions.pool_handles(), loc="lower left")
    return axes
