"""How every figure looks, and the few things that all panels need."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from string import ascii_lowercase
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from threefactor.plotting import palette

STYLE: dict[str, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 8,
    "axes.titlesize": 9,
    "axes.titlelocation": "left",
    "axes.labelsize": 8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.8,
    "xtick.labelsize": 7,
    "ytick.labelsize": 7,
    "legend.fontsize": 7,
    "legend.frameon": False,
    "lines.linewidth": 1.4,
    "lines.markersize": 4,
    "image.interpolation": "nearest",
    "figure.constrained_layout.h_pad": 0.06,
    "figure.constrained_layout.w_pad": 0.06,
}

HANDLE, LETTER = 0.6, 0.058
"""Inches of a line and of a letter in the legend of rules."""

NOBODY = "no rule has two networks at the level"
"""Why a figure of geometry can be empty."""

BAND = 0.18
"""Opacity of an interval behind its line."""


FROM_SCRATCH: dict[str, Any] = {
    name: value for name, value in matplotlib.rcParamsDefault.items() if "backend" not in name
}
"""Matplotlib's own settings, so that a user's file of settings changes nothing."""


def look() -> AbstractContextManager[None]:
    """Return a context in which all that is drawn has the style."""
    return matplotlib.rc_context(FROM_SCRATCH | STYLE)  # type: ignore[arg-type]


def sheet(width: float, height: float, dpi: float) -> Figure:
    """Return an empty figure of a size in inches; `dpi` is that of what is rasterised."""
    return Figure(figsize=(width, height), dpi=dpi, layout="constrained")


def rows(figure: Figure | SubFigure, heights: Sequence[float]) -> list[SubFigure]:
    """Divide a figure into rows of the given relative heights."""
    grid = figure.subfigures(len(heights), 1, squeeze=False, height_ratios=heights)
    return list(np.asarray(grid)[:, 0])


def columns(figure: Figure | SubFigure, widths: Sequence[float]) -> list[SubFigure]:
    """Divide a figure into columns of the given relative widths."""
    grid = figure.subfigures(1, len(widths), squeeze=False, width_ratios=widths)
    return list(np.asarray(grid)[0])


def tiles(figure: Figure | SubFigure, count: int, across: int, *, shared: bool = False) -> list[Axes]:
    """Return so many panels, at most `across` in a row; `shared` gives them common axes."""
    grid = figure.subplots(
        -(-count // across), min(across, count), squeeze=False, sharex=shared, sharey=shared
    )
    panels = list(grid.flat)
    for ax in panels[count:]:
        ax.set_axis_off()
    return panels[:count]


def letters(axes: Sequence[Axes]) -> None:
    """Write a, b, c … z, aa, ab … before the titles of panels."""
    for at, ax in enumerate(axes):
        more, last = divmod(at, len(ascii_lowercase))
        mark = (ascii_lowercase[more - 1] if more else "") + ascii_lowercase[last]
        ax.set_title(f"$\\bf{{{mark}}}$  {ax.get_title(loc='left')}", loc="left")


def without_empty_logarithms(figure: Figure) -> Figure:
    """Make those logarithmic axes linear that have nothing positive to show, which could not be drawn."""
    for ax in figure.axes:
        if ax.get_xscale() == "log" and not np.isfinite(ax.dataLim.minposx):
            ax.set_xscale("linear")
        if ax.get_yscale() == "log" and not np.isfinite(ax.dataLim.minposy):
            ax.set_yscale("linear")
    return figure


def periods(ax: Axes, spans: Mapping[str, tuple[float, float]]) -> Axes:
    """Mark where the periods of a trial, onset and end in ms, begin."""
    for onset, _ in list(spans.values())[1:]:
        ax.axvline(onset, color="0.85", lw=0.6, zorder=0)
    return ax


def nothing(ax: Axes, words: str) -> Axes:
    """Say in the middle of a panel why there is nothing to show."""
    ax.text(0.5, 0.5, words, ha="center", va="center", transform=ax.transAxes, color="0.4", wrap=True)
    ax.set(xticks=[], yticks=[])
    return ax


def blank(words: str, dpi: float) -> Figure:
    """Return a figure that says why it shows nothing."""
    figure = sheet(5, 2, dpi)
    nothing(figure.subplots(), words)
    return figure


def whole_numbers(ax: Axes) -> Axes:
    """Put ticks of the horizontal axis at whole numbers only."""
    ax.xaxis.set_major_locator(MaxNLocator(nbins=6, integer=True, min_n_ticks=1))
    return ax


def rule_legend(
    figure: Figure | SubFigure,
    rules: Iterable[str],
    counts: Mapping[str, int] | None = None,
    *,
    marks: bool = False,
) -> None:
    """Put one legend of learning rules, with the number of networks where it is known, under a figure.

    Parameters
    ----------
    figure : Figure or SubFigure
        Under which it stands.
    rules : iterable of str
        Learning rules.
    counts : mapping of str to int, optional
        Number of networks by rule.
    marks : bool
        Whether panels show points by the marks of their rules, so that the legend does too.
    """
    counts = counts or {}
    names = palette.ordered(rules)
    handles = [
        Line2D([], [], color=palette.colour(name), ls=palette.dashes(name), marker=palette.mark(name) * marks)
        for name in names
    ]
    words = [palette.label(n) + (f" (n = {counts[n]})" if n in counts else "") for n in names]
    if names:
        most = max(1, int(figure.bbox.width / figure.dpi / (HANDLE + LETTER * max(map(len, words)))))
        figure.legend(
            handles,
            words,
            loc="outside lower center",
            handlelength=3.2,  # room for a whole period of dashes and dots
            ncols=min(len(names) if len(names) < 5 else -(-len(names) // 2), most),
        )


def panel_legend(figure: Figure | SubFigure, axes: Sequence[Axes], rows: int = 1) -> None:
    """Put one legend of what panels name, each name once, in so many rows under a figure."""
    entries = {
        word: handle
        for handles, words in (ax.get_legend_handles_labels() for ax in axes)
        for handle, word in zip(handles, words, strict=True)
    }
    if entries:
        across = -(-len(entries) // rows)
        figure.legend(list(entries.values()), list(entries), loc="outside lower center", ncols=across)


def heading(figure: Figure | SubFigure, words: str) -> None:
    """Write above a part of a figure what its panels have in common."""
    figure.suptitle(words, x=0.01, ha="left", fontsize=10, fontweight="bold")
