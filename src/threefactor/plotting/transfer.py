"""Panels of rules under other settings: matrices of rules and conditions, and Kaplan–Meier curves."""

from collections.abc import Callable

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from numpy.typing import NDArray

from threefactor.plotting import learning_speed, palette

RANGE = 1.0
"""Binary logarithm of the largest ratio that has a colour of its own."""


def ratios(ax: Axes, data: pd.DataFrame) -> Axes:
    """Write the ratio to theta_33 of every rule under every condition with its interval (``rules.csv``)."""
    _ratios(ax, data, ["ratio_to_theta_33", "ratio_low", "ratio_high"])
    ax.set_title("Trials to criterion, ratio to θ₃₃ of the same condition")
    return ax


def ratios_to_tuned(ax: Axes, data: pd.DataFrame) -> Axes:
    """Write the ratio to theta_33 with tuned constants of every rule under every condition (``rules.csv``)."""
    _ratios(ax, data, ["ratio_to_tuned", "to_tuned_low", "to_tuned_high"])
    ax.set_title("Trials to criterion, ratio to θ₃₃ tuned for the condition")
    return ax


def gaps_closed(ax: Axes, data: pd.DataFrame) -> Axes:
    """Write the gap closed by every rule under every condition with its interval (``rules.csv``)."""
    grid, words = _cells(data, ["gap_closed", "gap_closed_low", "gap_closed_high"], _percent)
    _matrix(ax, data, -grid, words)
    ax.set_title("Gap closed between θ₃₃ and node perturbation")
    return ax


def waiting(ax: Axes, data: pd.DataFrame, published: pd.DataFrame) -> Axes:
    """Draw the Kaplan–Meier curves of one condition, and the published quartiles of theta_33 under it."""
    learning_speed.waiting(ax, data)
    colour = palette.colour("theta_33")
    for median, low, high in published[["published_median", "published_low", "published_high"]].to_numpy(
        float
    ):
        ax.plot([low, high], [0.5, 0.5], color=colour, lw=1, ls=":")
        ax.plot(median, 0.5, "D", color=colour, mfc="white", ms=5)
        ax.annotate("published", (low, 0.5), xytext=(0, -9), textcoords="offset points", fontsize=6.5)
    ax.set_title(name(str(data.condition.iloc[0])))
    return ax


def name(condition: str) -> str:
    """Return the name of a condition as people write it."""
    return condition.replace("_", " ")


def _ratios(ax: Axes, data: pd.DataFrame, columns: list[str]) -> None:
    """Write a ratio with its interval in cells, coloured by its logarithm."""
    grid, words = _cells(data, columns, _two_digits)
    with np.errstate(invalid="ignore", divide="ignore"):
        _matrix(ax, data, np.log2(grid) / RANGE, words)


def _cells(
    data: pd.DataFrame, columns: list[str], write: Callable[[float], str]
) -> tuple[NDArray[np.float64], list[list[str]]]:
    """Lay an estimate out by rule and condition: its values, and its words with the interval."""
    rules, conditions = palette.ordered(data.learning_rule), list(dict.fromkeys(data.condition))
    rows = data.set_index(["learning_rule", "condition"])[columns]
    grid = np.full((len(rules), len(conditions)), np.nan)
    words = [["–"] * len(conditions) for _ in rules]
    for i, rule in enumerate(rules):
        for j, condition in enumerate(conditions):
            values = (
                rows.loc[(rule, condition)].to_numpy(float) if (rule, condition) in rows.index else [np.nan]
            )
            grid[i, j] = values[0]
            if np.isfinite(values[0]):
                middle, low, high = map(write, values)
                is_known = np.isfinite(values[1:]).all() and not low == middle == high
                words[i][j] = f"{middle}\n[{low}, {high}]" if is_known else middle
    return grid, words


def _matrix(ax: Axes, data: pd.DataFrame, colours: NDArray[np.float64], words: list[list[str]]) -> None:
    """Draw cells: rules below each other, conditions side by side; blue is better than theta_33."""
    rules, conditions = palette.ordered(data.learning_rule), list(dict.fromkeys(data.condition))
    ax.imshow(colours, cmap=palette.DIVERGING, vmin=-1, vmax=1, aspect="auto")
    for (i, j), value in np.ndenumerate(colours):
        dark = np.isfinite(value) and abs(value) > 0.6
        ax.text(j, i, words[i][j], ha="center", va="center", fontsize=6, color="white" if dark else "black")
    ax.set_xticks(range(len(conditions)), [name(condition) for condition in conditions])
    ax.set_yticks(range(len(rules)), [palette.label(rule) for rule in rules])
    ax.spines[:].set_visible(False)
    ax.tick_params(length=0)
    ax.set_xlabel("condition")


def _two_digits(value: float) -> str:
    return f"{value:.2f}"


def _percent(value: float) -> str:
    return f"{100 * value:.0f} %"
