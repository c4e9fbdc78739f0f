"""How soon networks reach the criterion under each rule."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from threefactor.plotting import palette, style


def waiting(ax: Axes, data: pd.DataFrame) -> Axes:
    """Draw the Kaplan–Meier curve of every rule, from survival.csv."""
    for rule in palette.ordered(data.learning_rule):
        part = data[data.learning_rule == rule]
        colour = palette.colour(rule)
        ax.fill_between(
            part.trial, part.low, part.high, step="post", color=colour, alpha=style.BAND / 2, lw=0
        )
        ax.step(part.trial, part.waiting, where="post", color=colour, ls=palette.dashes(rule))
    ax.set(title="Not yet at criterion", xlabel="trial", ylabel="fraction of networks")
    ax.set(ylim=(-0.02, 1.02), xlim=(0, data.trial.max()))
    return ax


def reached(ax: Axes, data: pd.DataFrame) -> Axes:
    """Draw the fraction of networks at criterion within the horizon, from criterion.csv."""
    points(ax, data, "reached_fraction", "reached_low", "reached_high")
    ax.set(title="At criterion", xlabel="fraction of networks", xlim=(-0.03, 1.03))
    return ax


def restricted_mean(ax: Axes, data: pd.DataFrame) -> Axes:
    """Draw the restricted mean number of trials, from criterion.csv."""
    points(ax, data, "restricted_mean", "restricted_mean_low", "restricted_mean_high")
    ax.axvline(data.horizon.max(), color="0.6", lw=0.8, ls=":")
    ax.set(title="Trials to criterion", xlabel="restricted mean (trials)", yticklabels=[])
    return ax


def ratio(ax: Axes, data: pd.DataFrame) -> Axes:
    """Draw the ratio to θ₃₃, network by network of equal start, from criterion.csv."""
    points(ax, data, "ratio_to_theta_33", "ratio_low", "ratio_high", numbers=True)
    ax.axvline(1, color="0.6", lw=0.8)
    ax.set(title="Against θ₃₃, paired", xlabel="ratio of restricted means", yticklabels=[])
    ax.margins(x=0.25)
    return ax


def points(ax: Axes, data: pd.DataFrame, value: str, low: str, high: str, *, numbers: bool = False) -> Axes:
    """Draw an estimate and its interval for every rule, one below the other; skip what is NaN.

    Parameters
    ----------
    ax : Axes
        Where to draw.
    data : DataFrame
        A row per rule, with column ``learning_rule``.
    value, low, high : str
        Columns of the estimate and its interval.
    numbers : bool
        Whether the estimate is written beside its point.
    """
    rules = palette.ordered(data.learning_rule)
    rows = data.set_index("learning_rule")
    for place, rule in enumerate(rules):
        middle, start, end = (float(rows.loc[rule, column]) for column in (value, low, high))  # type: ignore[arg-type]
        if not np.isfinite(middle):
            continue
        ax.plot([start, end], [place, place], color=palette.colour(rule), lw=2)
        ax.plot(middle, place, "o", color=palette.colour(rule), ms=5)
        if numbers:
            above = {"xytext": (0, 5), "textcoords": "offset points", "ha": "center", "fontsize": 6.5}
            ax.annotate(f"{middle:.2f}", (middle, place), **above)  # type: ignore[arg-type]
    ax.set_yticks(range(len(rules)), [palette.label(rule) for rule in rules])
    ax.set_ylim(len(rules) - 0.4, -0.7)
    return ax
