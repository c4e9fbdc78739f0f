"""How error and accuracy change over the trials of training."""

import pandas as pd
from matplotlib.axes import Axes

from threefactor.plotting import palette, style


def error(ax: Axes, data: pd.DataFrame) -> Axes:
    """Draw the median error of every rule with quartiles over networks, from `learning_curve.curve`."""
    for rule in palette.ordered(data.learning_rule):
        part = data[data.learning_rule == rule]
        colour = palette.colour(rule)
        ax.fill_between(part.trial, part.low, part.high, color=colour, alpha=style.BAND / 1.5, lw=0)
        ax.plot(part.trial, part.error, color=colour, ls=palette.dashes(rule))
    ax.set(title="Error during training", xlabel="trial", ylabel="error, mean |y − y*|", ylim=(0, None))
    return ax


def accuracy(ax: Axes, data: pd.DataFrame, chance: float) -> Axes:
    """Draw the fraction of correct trials of every rule, mean over networks, from `learning_curve.curve`, and chance."""
    for rule in palette.ordered(data.learning_rule):
        part = data[data.learning_rule == rule]
        ax.plot(part.trial, part.correct, color=palette.colour(rule), ls=palette.dashes(rule))
    ax.axhline(chance, color="0.6", lw=0.6)
    ax.set(title="Correct trials", xlabel="trial", ylabel="fraction correct", ylim=(None, 1.02))
    return ax
