"""What changes while networks learn to the end, from ``along.csv``: error, accuracy, and the weight change."""

from collections.abc import Sequence

import pandas as pd
from matplotlib.axes import Axes

from threefactor.plotting import palette, style


def error(ax: Axes, data: pd.DataFrame, levels: Sequence[float]) -> Axes:
    """Draw the noise-free error of every rule, with levels marked."""
    for level in levels:
        ax.axhline(level, color="0.6", lw=0.6, ls=":")
    _bands(ax, data, "error")
    ax.set(title="Noise-free error", ylabel="error, mean |y − y*|", ylim=(0, None))
    return ax


def accuracy(ax: Axes, data: pd.DataFrame, chance: float) -> Axes:
    """Draw the share of right answers without noise of every rule, mean over networks, and chance."""
    for rule, part in _parts(data):
        ax.plot(part.trial, part.accuracy, color=palette.colour(rule), ls=palette.dashes(rule))
    ax.axhline(chance, color="0.6", lw=0.6)
    ax.set(title="Right answers", ylabel="fraction of trial types", ylim=(None, 1.02))
    return _by_trials(ax)


def change_norm(ax: Axes, data: pd.DataFrame) -> Axes:
    """Draw the size of the weight change of every rule."""
    _bands(ax, data, "change_norm")
    ax.set(title="Size of ΔW", ylabel="Frobenius norm", yscale="log")
    return ax


def change_rank(ax: Axes, data: pd.DataFrame) -> Axes:
    """Draw the effective rank of the weight change of every rule."""
    _bands(ax, data, "change_rank")
    ax.set(title="Effective rank of ΔW", ylabel="participation ratio", yscale="log")
    return ax


def _parts(data: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    """Take the evaluations of each rule, in the order of the legend, from the last one before weights change."""
    still = data[data.change_norm_high == 0].groupby("learning_rule").trial.max()
    later = data[(data.trial > 0) & (data.trial >= data.learning_rule.map(still).fillna(0))]
    return [(rule, later[later.learning_rule == rule]) for rule in palette.ordered(later.learning_rule)]


def _bands(ax: Axes, data: pd.DataFrame, name: str) -> None:
    """Draw the median over networks of a column, with its quartiles."""
    for rule, part in _parts(data):
        colour = palette.colour(rule)
        low, high = part[f"{name}_low"], part[f"{name}_high"]
        ax.fill_between(part.trial, low, high, color=colour, alpha=style.BAND / 1.5, lw=0)
        ax.plot(part.trial, part[name], color=colour, ls=palette.dashes(rule))
    _by_trials(ax)


def _by_trials(ax: Axes) -> Axes:
    """Give a panel a logarithmic axis of trials."""
    ax.set(xlabel="trial", xscale="log")
    return ax
