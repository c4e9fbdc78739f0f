"""How soon networks are at levels of noise-free error, whether they stay there, and where they end."""

from collections.abc import Hashable
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import NullFormatter

from threefactor.plotting import palette
from threefactor.plotting.learning_speed import points


def trials_to(ax: Axes, data: pd.DataFrame, first: float, *, named: bool) -> Axes:
    """Draw the restricted mean of trials to one level, from the rows of levels.csv.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    data : DataFrame
        The rows of one level.
    first : float
        Where the axis of trials begins.
    named : bool
        Whether the rules are named.
    """
    points(ax, data, "restricted_mean", "restricted_mean_low", "restricted_mean_high")
    horizon, rows = data.horizon.max(), _rows(data)
    for place, rule in enumerate(palette.ordered(rows)):
        words = f"{rows[rule]['reached']:.0f}/{rows[rule]['networks']:.0f}"
        ax.annotate(words, (0.02, place), xycoords=("axes fraction", "data"), fontsize=6, va="bottom")
    ax.axvline(horizon, color="0.6", lw=0.8, ls=":")
    ax.set(title=f"To error {data.level.iloc[0]:g}", xlabel="trials")
    ax.set(xscale="log", xlim=(first, 1.4 * horizon))
    ax.xaxis.set_minor_formatter(NullFormatter())
    return ax if named else _unnamed(ax)


def endings(ax: Axes, data: pd.DataFrame, *, named: bool) -> Axes:
    """Draw the noise-free error at the end of learning with quartiles, and the least of all, from endings.csv."""
    points(ax, data, "error", "error_low", "error_high")
    rows = _rows(data)
    for place, rule in enumerate(palette.ordered(rows)):
        ax.plot(rows[rule]["best_error"], place, "|", color=palette.colour(rule), ms=9)
    ax.set(title="At the end of learning", xlabel="noise-free error", xscale="log")
    return ax if named else _unnamed(ax)


def lost(ax: Axes, data: pd.DataFrame, *, named: bool) -> Axes:
    """Draw the share of networks that were at a level and are above it in the end, a row of marks per rule."""
    levels, names = list(dict.fromkeys(data.level)), palette.ordered(data.learning_rule)
    for at, level in enumerate(levels):
        rows, shade = _rows(data[data.level == level]), (at + 1) / len(levels)
        for place, rule in enumerate(names):
            one, height = rows[rule], place + 0.18 * (at - (len(levels) - 1) / 2)
            colour = palette.colour(rule)
            ax.plot([one["lost_low"], one["lost_high"]], [height] * 2, lw=1, color=colour, alpha=shade)
            ax.plot(one["lost_fraction"], height, "o", ms=3, color=colour, alpha=shade)
    ax.set(title="Lost again", xlabel="fraction of networks", xlim=(-0.03, 1.03))
    ax.set_yticks(range(len(names)), [palette.label(rule) for rule in names])
    ax.set_ylim(len(names) - 0.4, -0.7)
    return ax if named else _unnamed(ax)


def by_gain(ax: Axes, data: pd.DataFrame) -> Axes:
    """Draw the restricted mean of trials to one level by the gain of the initial weights, from levels_by_gain.csv."""
    for rule in palette.ordered(data.learning_rule):
        part = data[data.learning_rule == rule].sort_values("gain")
        mean = part.restricted_mean
        ends = [(mean - part.restricted_mean_low).tolist(), (part.restricted_mean_high - mean).tolist()]
        colour, line, mark = palette.colour(rule), palette.dashes(rule), palette.mark(rule)
        ax.errorbar(part.gain, mean, ends, color=colour, ls=line, marker=mark, ms=3)
    ax.axhline(data.horizon.max(), color="0.6", lw=0.8, ls=":")
    ax.set(title=f"To error {data.level.iloc[0]:g}", xlabel="gain", ylabel="trials", yscale="log")
    return ax


def _rows(data: pd.DataFrame) -> dict[str, dict[Hashable, Any]]:
    """Return the row of each rule, by its name."""
    return {str(row["learning_rule"]): row for row in data.to_dict("records")}


def _unnamed(ax: Axes) -> Axes:
    """Leave the names of rules to the panel on the left."""
    ax.set_yticklabels([])
    return ax
