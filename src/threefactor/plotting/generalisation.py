"""What trained networks do beyond what they were trained on, from ``generalisation.csv``."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from threefactor.plotting import palette
from threefactor.plotting.learning_speed import points


def errors(ax: Axes, data: pd.DataFrame, shown: Mapping[str, str]) -> Axes:
    """Draw errors under several conditions, a row of marks per rule; `shown` labels the mark of each column."""
    names, marks = palette.ordered(data.learning_rule), "os^D"
    rows = {str(row["learning_rule"]): row for row in data.to_dict("records")}
    for at, (column, label) in enumerate(shown.items()):
        for place, rule in enumerate(names):
            one, height = rows[rule], place + 0.2 * (at - (len(shown) - 1) / 2)
            colour = palette.colour(rule)
            ax.plot([one[f"{column}_low"], one[f"{column}_high"]], [height] * 2, lw=1, color=colour)
            ax.plot(one[column], height, marks[at % len(marks)], ms=3.5, color=colour)
        ax.plot([], [], marks[at % len(marks)], ms=3.5, color="0.4", label=label)
    ax.set(title="Error beyond training", xlabel="error, mean |y − y*|", xlim=(0, None))
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
