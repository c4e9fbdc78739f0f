"""Panels of learned rules: scores, distances, ranks of tangents, contributions of terms, and sparsity paths."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from numpy.typing import NDArray

from threefactor.plotting import palette, style

Array = NDArray[np.float64]

NO_PATH = "no path was computed\n(prune.weights)"
CHANGE = "change of the smoothed error rate"


def distances(ax: Axes, data: tuple[str, Sequence[str], Array]) -> Axes:
    """Draw a matrix of distances between rules: title, names in order, distances."""
    title, names, values = data
    bound = max(float(np.nanmax(values)), 1e-12)
    image = ax.imshow(values, cmap=palette.SEQUENTIAL, vmin=0, vmax=bound)
    if len(names) <= 9:
        for row, column in np.argwhere(np.isfinite(values)):
            bright = "white" if values[row, column] < 0.6 * bound else "black"
            ax.text(
                column,
                row,
                f"{values[row, column]:.2g}",
                ha="center",
                va="center",
                fontsize=5.5,
                color=bright,
            )
    words = [palette.label(name) for name in names]
    ax.set_xticks(range(len(names)), words, rotation=40, ha="right", fontsize=6)
    ax.set_yticks(range(len(names)), words, fontsize=6)
    ax.set(title=title, xlabel="rule", ylabel="rule")
    ax.figure.colorbar(image, ax=ax, label="1 − cosine")
    return ax


def scores(ax: Axes, data: pd.DataFrame) -> Axes:
    """Draw the change of each rule from θ₃₃ on the same networks, with its 95 % interval (``rules.csv``)."""
    table = data.iloc[::-1].reset_index(drop=True)
    low, high = _error(table)
    for at, rule in enumerate(table.learning_rule):
        error = [[low[at]], [high[at]]]
        ax.errorbar(table.change[at], at, xerr=error, fmt="o", color=palette.colour(rule), ms=4)
    words = [
        f"{palette.label(rule)}  ({rule_class})" if rule_class else palette.label(rule)
        for rule, rule_class in zip(table.learning_rule, table.rule_class, strict=True)
    ]
    ax.set_yticks(range(len(table)), words, fontsize=6)
    ax.axvline(0, color="0.6", lw=0.6)
    ax.set(title="Score compared with θ₃₃", xlabel=CHANGE, ylabel="rule (class)")
    return ax


def ranks(ax: Axes, data: pd.DataFrame) -> Axes:
    """Draw the rank of the weight tangents along learning, mean and range over networks (``rank.csv``)."""
    if not len(data):
        return style.nothing(ax, "the rank of no tangents was measured")
    marks = {
        "participation_ratio": ("participation ratio", "-"),
        "effective_rank": ("effective rank", "--"),
        "effective_rank_alone": ("effective rank of unit tangents", ":"),
    }
    for rule, part in data.groupby("learning_rule", sort=False):
        for column, (_, line) in marks.items():
            by = part.groupby("trial")[column].agg(["mean", "min", "max"])
            ax.plot(by.index, by["mean"], f"o{line}", color=palette.colour(str(rule)), ms=3)
            ax.fill_between(
                by.index, by["min"], by["max"], color=palette.colour(str(rule)), alpha=style.BAND, lw=0
            )
    for word, line in marks.values():
        ax.plot([], [], line, color="0.4", label=word)
    ax.axhline(float(data.terms.max()), color="0.6", lw=0.6)
    ax.set(xscale="log", title="Rank of the weight tangents", xlabel="trials of learning", ylabel="rank")
    ax.set_ylim(0, 2.1 * float(data.terms.max()))
    ax.legend(loc="upper left")
    return ax


def path(ax: Axes, data: tuple[str, pd.DataFrame]) -> Axes:
    """Draw the score along the path from dense to sparse, with the number of terms that are left (``path.csv``)."""
    rule, table = data
    if len(table) < 2:
        return style.nothing(ax, NO_PATH)
    place = np.arange(len(table))
    ax.errorbar(
        place, table.change, _error(table), fmt="o-", color=palette.colour(rule), ms=4, elinewidth=0.8
    )
    for at, (count, change) in enumerate(zip(table.terms, table.change, strict=True)):
        ax.annotate(str(count), (at, change), xytext=(4, 4), textcoords="offset points", fontsize=7)
    ax.axhline(0, color="0.6", lw=0.6)
    ax.set_xticks(place, [f"{weight:g}" for weight in table.weight])
    ax.set(title=f"Path, {palette.label(rule)}", xlabel="weight of |scaled θ|₁", ylabel=CHANGE)
    ax.margins(x=0.15)
    return ax


def path_terms(ax: Axes, table: pd.DataFrame) -> Axes:
    """Draw the scaled coefficients along the path (``path.csv``)."""
    if len(table) < 2:
        return style.nothing(ax, NO_PATH)
    names = [name for name in table.columns if name.startswith("theta_scaled_")]
    values = table[names].to_numpy(float).T
    bound = max(float(np.abs(values).max()), 1e-12)
    image = ax.imshow(
        np.where(values == 0, np.nan, values), cmap=palette.DIVERGING, vmin=-bound, vmax=bound, aspect="auto"
    )
    ax.set_facecolor("0.92")
    ax.set_xticks(range(len(table)), [f"{weight:g}" for weight in table.weight])
    ax.set_yticks(
        range(len(names)), [palette.term(name.removeprefix("theta_scaled_")) for name in names], fontsize=6
    )
    ax.set(title="Remaining coefficients", xlabel="weight of |scaled θ|₁", ylabel="coefficient")
    ax.figure.colorbar(image, ax=ax, label="scaled θ")
    return ax


def contributions(ax: Axes, data: tuple[str, pd.DataFrame]) -> Axes:
    """Draw the change by leaving out each term, the largest coefficients on top (``contributions.csv``)."""
    rule, table = data
    table = table[table.without != "nothing"]
    table = table.loc[table.theta_scaled.abs().sort_values().index]
    place = np.arange(len(table))
    ax.errorbar(
        table.change, place, xerr=_error(table), fmt="o", color=palette.colour(rule), ms=4, elinewidth=0.8
    )
    words = [f"{palette.term(t)}  {v:+.2f}" for t, v in zip(table.without, table.theta_scaled, strict=True)]
    ax.set_yticks(place, words, fontsize=6)
    ax.axvline(0, color="0.6", lw=0.6)
    ax.set(title="Without one term", xlabel=CHANGE, ylabel="term, scaled θ")
    return ax


def _error(table: pd.DataFrame) -> Array:
    """Return how far the interval of each change reaches below and above it."""
    return np.stack([table.change - table.change_low, table.change_high - table.change]).clip(min=0)
