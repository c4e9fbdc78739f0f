"""Steps along expected updates: what they change, and what the gradient says that they would."""

import pandas as pd
from matplotlib.axes import Axes

from threefactor.plotting import palette, style

GRADIENT = "gradient"


def change(ax: Axes, data: pd.DataFrame) -> Axes:
    """Draw the change of the mean reward by the length of the step, from `descent.by_length`; dashed as predicted."""
    for rule in palette.ordered(data.learning_rule):
        part = data[(data.learning_rule == rule) & (data.direction == rule)].sort_values("step")
        colour = palette.colour(rule)
        ax.fill_between(part.step, part.low, part.high, color=colour, alpha=style.BAND / 2, lw=0)
        ax.plot(part.step, part.change, color=colour, marker="o", ms=3)
        ax.plot(part.step, part.predicted, color=colour, ls=":", lw=1)
    ax.axhline(0, color="0.6", lw=0.6)
    ax.set_xscale("log")
    ax.set_yscale("symlog", linthresh=1e-3)
    ax.set(title="Along each rule's own update", xlabel="length of the step (norms of W)")
    ax.set_ylabel("change of the mean reward")
    return ax


def ratio(ax: Axes, data: pd.DataFrame) -> Axes:
    """Draw the share of the predicted change that is found, from `descent.by_length`; thin along the gradient."""
    for rule in palette.ordered(data.learning_rule):
        part, colour = data[data.learning_rule == rule].sort_values("step"), palette.colour(rule)
        for along, width, mark in ((rule, 1.4, "o"), (GRADIENT, 0.6, "")):
            line = part[part.direction == along]
            ax.plot(line.step, line.ratio, color=colour, lw=width, marker=mark, ms=3)
    ax.axhline(0, color="0.6", lw=0.6)
    ax.axhline(1, color="0.6", lw=0.6, ls=":")
    ax.set_xscale("log")
    ax.set_ylim(-0.6, 1.4)
    ax.set(title="Measured over predicted", xlabel="length of the step (norms of W)", ylabel="ratio")
    return ax


def reach(ax: Axes, data: pd.DataFrame, trial: pd.Series) -> Axes:
    """Draw how far the prediction holds, from `descent.reach`; open: along the gradient; cross: one trial's update.

    `trial` is the length of a trial's expected update by rule, in norms of W.
    """
    rules = palette.ordered(data.learning_rule)
    for y, rule in enumerate(rules):
        colour = palette.colour(rule)
        for along, shift, face in ((rule, -0.15, colour), (GRADIENT, 0.15, "white")):
            part = data[(data.learning_rule == rule) & (data.direction == along)]
            for low, middle, high in part[["reach_low", "reach", "reach_high"]].to_numpy(float):
                ax.plot([low, high], [y + shift] * 2, color=colour, lw=1.2)
                ax.plot(middle, y + shift, "o", color=colour, mfc=face, ms=5)
        if rule in trial.index:
            ax.plot(trial[rule], y, "x", color=colour, ms=5)
    ax.set_xscale("log")
    ax.set_yticks(range(len(rules)), [palette.label(rule) for rule in rules])
    ax.invert_yaxis()
    ax.set(title="How far it holds", xlabel="length (norms of W)")
    return ax
