"""Panels of what a search costs: scores on held-out networks against simulated trials, and trials saved."""

from collections.abc import Iterator
from itertools import cycle

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from numpy.typing import NDArray

from threefactor.analysis.learning.search_cost import EVOLUTION, PROGRESS
from threefactor.plotting import palette, style

MARKS = dict(zip(PROGRESS, "^so", strict=True))
LABELS = ("half of its improvement", "95 % of it", "all of it")
"""Shares of evolution's improvement, as the legend writes them."""

SHAPES = "ovDP^X"
AIM = 40
"""Times fewer trials than evolution, the aim for derivatives."""


def curves(ax: Axes, data: pd.DataFrame, evolved: str) -> Axes:
    """Draw the score of every rule along its search, with its standard error; evolution, if any, in black, dashed.

    The starts of one search have one colour; searches of the same colour have different marks.
    """
    if not len(data):
        return style.nothing(ax, "there are no held-out networks")
    counts = data.groupby("search", sort=False).learning_rule.nunique()
    shapes: dict[str, Iterator[str]] = {}
    for search, found in data.groupby("search", sort=False):
        dashed = found.estimator.iloc[0] == EVOLUTION
        colour = "0.1" if dashed else palette.colour(str(search))
        mark = "s" if dashed else next(shapes.setdefault(colour, cycle(SHAPES)))
        words = palette.label(str(search)) + (f", {counts[search]} starts" if counts[search] > 1 else "")
        for rule, part in found.groupby("learning_rule", sort=False):
            score, error = part.smoothed_error_rate, part.smoothed_error_rate_standard_error
            ax.fill_between(
                part.trials, score - error, score + error, color=colour, alpha=0.5 * style.BAND, lw=0
            )
            ax.plot(
                part.trials,
                score,
                ls="--" if dashed else "-",
                marker=mark,
                color=colour,
                mfc="white" if dashed else colour,
                label=words if rule == found.learning_rule.iloc[0] else None,
                ms=3,
            )
    searched = data.trials[data.trials > 0]
    if len(searched):
        ax.set_xscale("symlog", linthresh=float(searched.min()))
    ax.set(
        title=f"By evolution ({palette.label(evolved)}) and by derivatives"
        if evolved
        else "Rules without an evolved rival",
        xlabel="trials simulated to learn θ, all networks",
        ylabel="smoothed error rate",
    )
    ax.legend(loc="upper left", bbox_to_anchor=(1, 1))
    return ax


def savings(ax: Axes, data: pd.DataFrame) -> Axes:
    """Draw how many times fewer trials each rule needed than evolution (``savings.csv``); crosses: never as good.

    Each search has a row, and each of its starts a mark.
    """
    if not len(data):
        return style.nothing(ax, "evolution improved no rule that has a rival of its class")
    pairs = list(dict.fromkeys(zip(data.evolution, data.search, strict=True)))
    for (evolved, search), found in data.groupby(["evolution", "search"], sort=False):
        places = pairs.index((evolved, search)) + spread(found.learning_rule.nunique())
        for at, (_, part) in zip(places, found.groupby("learning_rule", sort=False), strict=True):
            for progress, mark in MARKS.items():
                row = part[part.progress == progress].iloc[0]
                never = bool(np.isnan(row.trials))
                if never or row.trials > 0:
                    colour = palette.colour(str(search))
                    ax.plot(1 if never else row.saving, at, "x" if never else mark, color=colour, ms=4)
    for mark, word in zip([*MARKS.values(), "x"], [*LABELS, "never as good"], strict=True):
        ax.plot([], [], mark, color="0.4", ms=5, label=word)
    ax.axvline(AIM, color="0.5", lw=0.8, ls=":", label=f"{AIM} times fewer")
    ax.axvline(1, color="0.8", lw=0.8)
    words = [f"{palette.label(search)}\nby {palette.label(evolved)}" for evolved, search in pairs]
    ax.set(
        title="Trials saved",
        xlabel="trials of evolution / trials of derivatives",
        xscale="log",
        ylim=(len(pairs) - 0.5, -0.5),
    )
    ax.set_yticks(range(len(pairs)), words)
    ax.legend(loc="upper left", bbox_to_anchor=(1, 1))
    return ax


def spread(count: int) -> NDArray[np.float64]:
    """Return where so many starts stand in a row of height one, around its middle."""
    return 0.5 * ((np.arange(count) + 0.5) / count - 0.5)
