"""The meta-gradient without some of its terms, compared with the whole one."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from numpy.typing import ArrayLike, NDArray

from threefactor.plotting import palette, style

LABELS = {
    "reward": "∂R/∂θ",
    "baseline": "∂R̄/∂θ",
    "gate": "∂R/∂θ and ∂R̄/∂θ",
    "clip": "the clip's mask",
    "indirect": "the indirect terms of z",
    "state": "all that goes through states",
}
"""What is left out, in the order of the equation for the weight tangent."""

POOLS = {"median": ("o", "median network"), "clipped": ("D", "average as in the outer loop")}
COLOURS = palette.OTHERS
QUANTITIES = {"error": "|g − g*| / |g*|", "cosine": "cosine of g and g*"}
TITLES = {"error": "Error", "cosine": "Direction"}
LEAST = 1e-4
"""Errors below are drawn there."""


def by_term(ax: Axes, data: pd.DataFrame, quantity: str) -> Axes:
    """Draw a quantity of each ablated term with its interval, a colour per rule and a marker per pool.

    ``data`` is of `analysis.gradients.ablation.by_term`, of one horizon.
    """
    rules = palette.ordered(data.learning_rule)
    lanes = [(rule, pool) for rule in rules for pool in POOLS]
    for at, name in enumerate(LABELS):
        for lane, (rule, pool) in enumerate(lanes):
            chosen = (data.ablation == name) & (data.learning_rule == rule) & (data.over == pool)
            for _, row in data[chosen & data[quantity].notna()].iterrows():
                height = at + 0.8 * ((lane + 0.5) / len(lanes) - 0.5)
                _point(ax, row, quantity, height, palette.colour(rule), pool)
    ax.set_yticks(range(len(LABELS)), list(LABELS.values()))
    ax.set_ylim(len(LABELS) - 0.5, -0.5)
    for at in range(1, len(LABELS)):
        ax.axhline(at - 0.5, color="0.9", lw=0.6)
    if quantity == "error":
        ax.set_xscale("log")
    ax.axvline(1, color="0.6", lw=0.6)
    ax.set(title=f"{TITLES[quantity]} without …", xlabel=QUANTITIES[quantity])
    return ax


def _point(ax: Axes, row: pd.Series, quantity: str, height: float, colour: str, pool: str) -> None:
    """Draw one value with its interval."""
    value, low, high = (_shown(row[name], quantity) for name in _names(quantity))
    marker, _ = POOLS[pool]
    face = colour if pool == "median" else "white"
    ax.plot([low, high], [height] * 2, color=colour, lw=1)
    ax.plot(value, height, marker, color=colour, mfc=face, ms=4)


def against_horizon(ax: Axes, data: pd.DataFrame) -> Axes:
    """Draw the error of each ablated term in the median network against the trials of learning, for one rule."""
    widest = data.horizon.max() - data.horizon.min() or 1
    for at, (colour, name) in enumerate(zip(COLOURS, LABELS, strict=False)):
        part = data[(data.ablation == name) & (data.over == "median") & data.error.notna()]
        part = part.sort_values("horizon")
        x = part.horizon + 0.008 * widest * (at - len(LABELS) / 2)
        value, low, high = (_shown(part[column], "error") for column in _names("error"))
        ax.vlines(x, low, high, color=colour, lw=0.9, alpha=0.7)
        ax.plot(x, value, "o-", ms=3, color=colour, label=LABELS[name])
    ax.axhline(1, color="0.6", lw=0.6)
    ax.set(yscale="log", xlabel="trials of learning", ylabel=QUANTITIES["error"])
    ax.set_title(f"Error by trials of learning, {palette.label(str(data.learning_rule.iloc[0]))}")
    ax.set_xticks(sorted(set(data.horizon)))
    return ax


def against_window(ax: Axes, data: pd.DataFrame, quantity: str) -> Axes:
    """Draw a quantity of the truncated gradient against the updates that it sees, a line per rule and pool."""
    for rule in palette.ordered(data.learning_rule):
        for pool, (marker, _) in POOLS.items():
            chosen = (data.learning_rule == rule) & (data.over == pool) & data[quantity].notna()
            part = data[chosen].sort_values("window")
            value, low, high = (_shown(part[name], quantity) for name in _names(quantity))
            colour, is_median = palette.colour(rule), pool == "median"
            if is_median:
                ax.fill_between(part.window, low, high, color=colour, alpha=style.BAND, lw=0)
            ax.plot(
                part.window,
                value,
                marker=marker,
                ls="-" if is_median else ":",
                color=colour,
                mfc=colour if is_median else "white",
                ms=4,
            )
    ax.axhline(1, color="0.6", lw=0.6)
    ax.set(xscale="log", xlabel="last updates that a reward sees (trials)", ylabel=QUANTITIES[quantity])
    ax.set_title(f"{TITLES[quantity]} of truncation")
    windows = sorted(set(data.window.astype(int)))
    ax.set_xticks(windows, [str(m) for m in windows])
    ax.minorticks_off()
    return ax


def pool_handles() -> list[Line2D]:
    """Return the entries of a legend of pools."""
    return [
        Line2D([], [], marker=marker, ls="-" if pool == "median" else ":", color="0.3", label=word, ms=4,
               mfc="0.3" if pool == "median" else "white")
        for pool, (marker, word) in POOLS.items()
    ]  # fmt: skip


def _names(quantity: str) -> tuple[str, str, str]:
    return quantity, f"{quantity}_low", f"{quantity}_high"


def _shown(value: ArrayLike, quantity: str) -> NDArray[np.float64]:
    """Return values as they are drawn: errors not below the least."""
    values = np.asarray(value, dtype=np.float64)
    return np.maximum(values, LEAST) if quantity == "error" else values
