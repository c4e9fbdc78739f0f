"""What trained networks do beyond what they were trained on, from ``generalisation.csv``."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from threefactor.plotting import palette
from threefactor.plotting.learning_speed import points


def conditions(ax: Axes, data: pd.DataFrame, shown: Mapping[str, str]) -> Axes:
    """Write the median error of every rule under several conditions, columns that `shown` labels; a dash for none."""
    names = palette.ordered(data.learning_rule)
    grid = data.set_index("learning_rule").loc[names, list(shown)].to_numpy(float)
    bound = max(float(np.nan_to_num(grid).max()), np.finfo(float).tiny)
    ax.imshow(grid, cmap=palette.SEQUENTIAL, vmin=0, vmax=bound, aspect="auto")
    for (i, j), value in np.ndenumerate(grid):
        words = f"{value:.2f}" if np.isfinite(value) else "–"
        dark = np.isfinite(value) and value < 0.6 * bound
        ax.text(j, i, words, ha="center", va="center", fontsize=6, color="white" if dark else "black")
    ax.set_xticks(range(len(shown)), list(shown.values()), rotation=40, ha="right", rotation_mode="anchor")
    ax.set_yticks(range(len(names)), [palette.label(rule) for rule in names])
    ax.spines[:].set_visible(False)
    ax.tick_params(length=0)
    ax.set(title="Median error, mean |y − y*|", xlabel="condition")
    return ax


def beyond(ax: Axes, data: pd.DataFrame) -> Axes:
    """Draw the mean error out of distribution with quartiles; ticks are the error as trained."""
    points(
        ax,
        data,
        "error_out_of_distribution",
        "error_out_of_distribution_low",
        "error_out_of_distribution_high",
    )
    for row in data.to_dict("records"):
        place = palette.ordered(data.learning_rule).index(str(row["learning_rule"]))
        ax.plot(row["error"], place, "|", color=palette.colour(str(row["learning_rule"])), ms=9)
    ax.set(title="Out of distribution", xlabel="mean error", yticklabels=[])
    return ax


def degeneracy(ax: Axes, data: pd.DataFrame) -> Axes:
    """Draw the standard deviation over networks of the error out of distribution: a row per rule, a mark per level."""
    levels, names = list(dict.fromkeys(data.level)), palette.ordered(data.learning_rule)
    for at, level in enumerate(levels):
        rows = data[data.level == level].set_index("learning_rule")
        shade, offset = (at + 1) / len(levels), 0.18 * (at - (len(levels) - 1) / 2)
        for place, rule in enumerate(names):
            middle, low, high = (float(rows.loc[rule, f"degeneracy{end}"]) for end in ("", "_low", "_high"))
            colour = palette.colour(rule)
            ax.plot([low, high], [place + offset] * 2, lw=1, color=colour, alpha=shade)
            ax.plot(middle, place + offset, "o", ms=3, color=colour, alpha=shade)
        ax.plot([], [], "o", ms=3, color="0.3", alpha=shade, label=f"level {level:g}")
    ax.set(title="Degeneracy", xlabel="standard deviation of mean error", xlim=(0, None))
    ax.set_yticks(range(len(names)), [palette.label(rule) for rule in names])
    ax.set_ylim(len(names) - 0.4, -0.7)
    return ax


def savings(ax: Axes, data: pd.DataFrame, task: str) -> Axes:
    """Draw the trials to the level on the next task, by those of the networks before any learning."""
    points(ax, data, "savings", "savings_low", "savings_high", numbers=True)
    ax.axvline(1, color="0.6", lw=0.8)
    ax.set(title=f"Next task: {task}", xlabel="trials, by those of naive networks", yticklabels=[])
    ax.margins(x=0.25)
    return ax


def retained(ax: Axes, data: pd.DataFrame) -> Axes:
    """Draw the error on the first task after learning the next."""
    points(ax, data, "error_retained", "error_retained_low", "error_retained_high")
    if np.isfinite(data.error.median()):
        ax.axvline(data.error.median(), color="0.6", lw=0.8, ls=":")
    ax.set(title="First task, thereafter", xlabel="noise-free error", yticklabels=[])
    return ax
