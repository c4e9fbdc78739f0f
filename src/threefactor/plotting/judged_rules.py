"""How soon fresh networks get to a goal under a learned rule, and under the best hand-made ones."""

import pandas as pd
from matplotlib.axes import Axes

from threefactor.plotting import palette

MARKS = {"raw": "o", "normalised": "s", "standardised": "^"}
"""Marks of rivals, by their deviation."""


def trials(ax: Axes, data: pd.DataFrame, horizon: int) -> Axes:
    """Draw the restricted mean of every judged rule at one goal, the fastest on top, from rows of judged.csv."""
    rows = data.sort_values("restricted_mean").to_dict("records")
    for place, row in enumerate(rows):
        name, deviation = str(row["judged"]), str(row["judged"]).rpartition("_")[0]
        is_rival = isinstance(row["rival"], str) and row["rival"] != ""
        colour = "0.45" if is_rival else palette.colour(name)
        ax.plot([row["restricted_mean_low"], row["restricted_mean_high"]], [place] * 2, color=colour)
        ax.plot(row["restricted_mean"], place, MARKS.get(deviation, "D") if is_rival else "D", color=colour)
        ax.annotate(
            f"{row['reached']}/{row['networks']}",
            (0.99, place),
            xycoords=("axes fraction", "data"),
            fontsize=6,
            ha="right",
            va="bottom",
        )
    ax.set_yticks(range(len(rows)), [named(row) for row in rows])
    ax.set_ylim(len(rows) - 0.4, -0.7)
    ax.axvline(horizon, color="0.6", lw=0.8, ls=":")
    ax.set(title="Fresh networks to the criterion", xlabel="restricted mean (trials)")
    return ax


def named(row: dict[object, object]) -> str:
    """Name a judged rule: a rival by its terms and deviation."""
    rival, judged = row["rival"], str(row["judged"])
    if not isinstance(rival, str) or rival in ("", judged):
        return palette.label(judged)
    return f"{palette.label(rival)}, {judged.rpartition('_')[0]}"


def ratios(ax: Axes, data: pd.DataFrame) -> Axes:
    """Draw the ratio of the learned rule to the best rival at each goal, with its interval."""
    for place, row in enumerate(data.to_dict("records")):
        ax.plot([place] * 2, [row["low"], row["high"]], color="black")
        ax.plot(place, row["ratio"], "D", color="black")
    ax.axhline(1, color="0.6", lw=0.8)
    ax.set_xticks(range(len(data)), list(data.goal))
    ax.set(title="Learned ÷ best rival", xlabel="criterion, or noise-free error", ylabel="ratio of trials")
    ax.margins(x=0.2, y=0.2)
    return ax
