"""What finding a rule costs: scores on networks held out, against the trials that were simulated."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from threefactor.analysis.learning.search import EVOLUTION, WAYS
from threefactor.figures import palette, style

MARKS = dict(zip(WAYS, "^so", strict=True))
AIM = 40
"""Times fewer trials than evolution, which science asks of derivatives."""


def curves(ax: Axes, data: pd.DataFrame) -> Axes:
    """Draw the score of every rule along its search, with its standard error; evolution's dashed."""
    if not len(data):
        return style.nothing(ax, "no networks were held out")
    for rule, part in data.groupby("learning_rule", sort=False):
        colour, evolved = palette.colour(str(rule)), part.estimator.iloc[0] == EVOLUTION
        error = part.soft_error_standard_error
        ax.fill_between(
            part.trials,
            part.soft_error - error,
            part.soft_error + error,
            color=colour,
            alpha=0.5 * style.BAND,
            lw=0,
        )
        ax.plot(
            part.trials,
            part.soft_error,
            "s--" if evolved else "o-",
            color=colour,
            mfc="white" if evolved else colour,
            label=palette.label(str(rule)),
            ms=3,
        )
    searched = data.trials[data.trials > 0]
    if len(searched):
        ax.set_xscale("symlog", linthresh=float(searched.min()))
    ax.set(
        title="Score on networks held out",
        xlabel="trials simulated to learn θ, all networks (number)",
        ylabel="soft error rate (no unit)",
    )
    ax.legend(loc="upper left", bbox_to_anchor=(1, 1))
    return ax


def savings(ax: Axes, data: pd.DataFrame) -> Axes:
    """Draw how many times fewer trials each rule needed than evolution, from savings.csv; crosses: never as good."""
    if not len(data):
        return style.nothing(ax, "evolution learned no rule of the same kind")
    pairs = list(dict.fromkeys(zip(data.evolution, data.learning_rule, strict=True)))
    for (evolved, rule), part in data.groupby(["evolution", "learning_rule"], sort=False):
        at, colour = pairs.index((evolved, rule)), palette.colour(str(rule))
        for way, mark in MARKS.items():
            row = part[part.way == way].iloc[0]
            never = bool(np.isnan(row.trials))
            if never or row.trials > 0:
                ax.plot(1 if never else row.saving, at, "x" if never else mark, color=colour, ms=5)
    words_of = ("half of evolution's way", "95 % of it", "evolution's best score", "never as good")
    for mark, word in zip([*MARKS.values(), "x"], words_of, strict=True):
        ax.plot([], [], mark, color="0.4", ms=5, label=word)
    ax.axvline(AIM, color="0.5", lw=0.8, ls=":", label=f"{AIM} times fewer")
    ax.axvline(1, color="0.8", lw=0.8)
    words = [f"{palette.label(rule)}\nby {palette.label(evolved)}" for evolved, rule in pairs]
    ax.set(
        title="Trials saved",
        xlabel="evolution's trials / those of derivatives",
        xscale="log",
        ylim=(len(pairs) - 0.5, -0.5),
    )
    ax.set_yticks(range(len(pairs)), words)
    ax.legend(loc="upper left", bbox_to_anchor=(1, 1))
    return ax
