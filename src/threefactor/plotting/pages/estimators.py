"""The page of the estimators: "Subspace-sensitivities provide accurate gradient information"."""

from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.lines import Line2D

from threefactor.plotting import estimators, style

UNKNOWN = "fewer than two networks\nhave finite estimates"


def page(shares: pd.DataFrame, biases: pd.DataFrame, curves: pd.DataFrame, dpi: float) -> Figure:
    """Draw bias, and error by networks and seconds, a column per regime.

    Parameters
    ----------
    shares, biases, curves
        From the functions of that name in `threefactor.analysis.gradients.estimators`.
    dpi
        Resolution of what is rasterised.
    """
    with style.look():
        figure = style.sheet(7.6, 10, dpi)
        regimes = list(dict.fromkeys(curves.regime))
        if not regimes:
            style.nothing(figure.subplots(), UNKNOWN)
            return figure
        top, middle, bottom = style.rows(figure, (1, 1.25, 2))
        axes: list[Axes] = []
        for ax, regime in zip(_across(top, regimes), regimes, strict=True):
            own = shares[shares.regime == regime]
            estimators.share(ax, own) if len(own) else style.nothing(ax, UNKNOWN)
            ax.set_title(f"What scores climb on average, {regime}")
            axes.append(ax)
        for ax, regime in zip(_across(middle, regimes), regimes, strict=True):
            own = biases[(biases.regime == regime) & biases.bias.notna()]
            estimators.bias(ax, own) if len(own) else style.nothing(ax, UNKNOWN)
            ax.set_title(f"Bias, {regime}")
            axes.append(ax)
        grid = bottom.subplots(2, len(regimes), squeeze=False, sharey=True)
        for row, across in zip(grid, ("networks", "seconds"), strict=True):
            for ax, regime in zip(row, regimes, strict=True):
                own = curves[(curves.regime == regime) & (curves.relative > 0)]
                estimators.error(ax, own, across) if len(own) else style.nothing(ax, UNKNOWN)
                ax.set_title(f"Error by {across}, {regime}")
                axes.append(ax)
        _legend(figure, curves)
        style.letters(axes)
    return figure


def _across(row: SubFigure, regimes: Sequence[str]) -> list[Axes]:
    return list(row.subplots(1, len(regimes), squeeze=False, sharey=True)[0])


def _legend(figure: Figure, curves: pd.DataFrame) -> None:
    """Put one legend of estimators, baselines, noises and marks under the figure."""
    shown = [name for name in estimators.COLOURS if name in set(curves.estimator)]
    handles = [Line2D([], [], color=estimators.COLOURS[name], lw=2) for name in shown]
    words = [estimators.label(name) for name in shown]
    for at, noise in enumerate(dict.fromkeys(curves.noise)):
        handles.append(Line2D([], [], color="0.3", ls=estimators.LINES[at % len(estimators.LINES)], lw=1.2))
        words.append(f"weight noise × {noise:g}")
    for marker, word in (
        ("s", "running baseline (squares)"),
        ("D", "mean known without noise"),
        ("x", "robust average"),
    ):
        handles.append(Line2D([], [], color="0.3", marker=marker, ls="", ms=4))
        words.append(word)
    figure.legend(handles, words, loc="outside lower center", ncols=4)
