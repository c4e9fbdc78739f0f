"""Whether rules make classes of solutions: spread over null models, what explains distances, locality and feedback."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, NullFormatter
from numpy.typing import NDArray

from threefactor.analysis import network_table
from threefactor.analysis.solutions.distances import named
from threefactor.analysis.solutions.verdict import SIGNIFICANT, SIMPLICITY, in_spreads
from threefactor.plotting import palette

FACTORS = {
    "learning_rule": (palette.OTHERS[1], "learning rule"),
    "initialisation": (palette.OTHERS[4], "initialisation"),
    "gain": (palette.OTHERS[3], "gain"),
}
"""Colour and name of what can explain distances."""

EFFECTS = {
    "locality": (palette.OTHERS[0], "Locality", "local less\nnot local"),
    "feedback": (palette.OTHERS[2], "Feedback", "error less\nreward"),
    "interaction": ("0.35", "Interaction", "of both\n"),
}
"""Colour, title and meaning of the effects of the 2 × 2."""

WALKS = {"steered": True, "random": False}
"""Whether the mark of a kind of walks is filled."""

PALE = 0.3
"""Opacity of what chance explains."""


def over_null(ax: Axes, data: pd.DataFrame) -> Axes:
    """Draw the spread within rules by what walks reach, from over_null.csv of one distance.

    Filled marks are of steered walks, open ones of random walks. A cross is the spread by how far steered walks lead away
    from their start. A grey tick is the noise floor, where there is noise.
    """
    rules = palette.ordered(data.learning_rule)
    for _, row in data[data.ratio.notna()].iterrows():
        is_filled, colour = WALKS[row.walks], palette.colour(row.learning_rule)
        height = rules.index(row.learning_rule) + (-0.13 if is_filled else 0.2)
        ax.plot([row.ratio_low, row.ratio_high], [height] * 2, color=colour, lw=2 if is_filled else 1)
        face = colour if is_filled else "white"
        ax.plot(row.ratio, height, palette.mark(row.learning_rule), color=colour, mfc=face, ms=4)
        if is_filled and row.from_anchor > 0:
            ax.plot(row.within / row.from_anchor, height, "x", color=colour, ms=4)
        if row.noise > 0:
            ax.plot(row.noise / row.reachable, height, "|", color="0.5", ms=7, mew=1.5)
    for kind, is_filled in WALKS.items():
        ax.plot([], [], "o", color="0.3", mfc="0.3" if is_filled else "white", label=f"{kind} walks")
    ax.plot([], [], "x", color="0.3", label="by how far they lead")
    ax.plot([], [], "|", color="0.5", ms=7, mew=1.5, label="noise floor")
    ax.axvline(1, color="0.6", lw=0.8)
    ax.set_xscale("log")
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    ax.xaxis.set_minor_formatter(NullFormatter())
    ax.set_yticks(range(len(rules)), [palette.label(rule) for rule in rules])
    ax.set_ylim(len(rules) - 0.4, -0.6)
    title = named(str(data.distance.iloc[0])).label.replace(" with ", "\nwith ")  # panels are narrow
    ax.set(title=title, xlabel="within ÷\nreachable")
    return ax


def explained(ax: Axes, data: pd.DataFrame) -> Axes:
    """Draw R² of every factor and distance, pale up to what chance explains, from explained.csv without covariates."""
    names, shown = list(dict.fromkeys(data.distance)), [one for one in FACTORS if one in set(data.factor)]
    lane = 0.8 / len(shown)
    for _, row in data[data.factor.isin(shown)].iterrows():
        colour, _ = FACTORS[row.factor]
        height = names.index(row.distance) + lane * (shown.index(row.factor) - (len(shown) - 1) / 2)
        ax.barh(height, min(row.null, row.effect), height=0.8 * lane, color=colour, alpha=PALE, lw=0)
        ax.barh(height, max(row.effect - row.null, 0), left=row.null, height=0.8 * lane, color=colour, lw=0)
        if row.p_holm < SIGNIFICANT:
            ax.plot(row.effect + 0.02, height, "*", color=colour, ms=4, mew=0, clip_on=False)
    for factor in shown:
        colour, words = FACTORS[factor]
        ax.barh(np.nan, 0, color=colour, label=words)
    ax.barh(np.nan, 0, color="0.4", alpha=PALE, label="by chance")
    ax.plot([], [], "*", color="0.3", ms=5, mew=0, label=f"p < {SIGNIFICANT:g} (Holm)")
    ax.set_yticks(range(len(names)), [named(name).label for name in names])
    ax.set_ylim(len(names) - 0.45, -0.55)
    ax.set_xlim(0, min(1, 1.15 * float(data[data.factor.isin(shown)].effect.max())))
    ax.set(title="R²", xlabel="share of the squared distances\n")
    return ax


def effect(ax: Axes, data: pd.DataFrame, name: str) -> Axes:
    """Draw one effect on every measure, from two_by_two.csv: over initialisations thick, over rules thin.

    A mark is filled where the interval over rules is clear of zero. Measures of simplicity come first, above the line.
    """
    colour, title, meaning = EFFECTS[name]
    order = sorted(dict.fromkeys(data.quantity), key=lambda one: one not in SIMPLICITY)
    for _, row in in_spreads(data[data.effect == name]).iterrows():
        height, is_clear = order.index(row.quantity), row.low_rules * row.high_rules > 0
        ax.plot([row.low_rules, row.high_rules], [height] * 2, color=colour, lw=0.8)
        ax.plot([row.estimate_low, row.estimate_high], [height] * 2, color=colour, lw=2.5, alpha=0.6)
        ax.plot(row.estimate, height, "o", color=colour, mfc=colour if is_clear else "white", ms=4.5)
    ax.plot([], [], color="0.4", lw=2.5, alpha=0.6, label="over initialisations")
    ax.plot([], [], color="0.4", lw=0.8, label="over rules")
    ax.axvline(0, color="0.6", lw=0.8)
    ax.axhline(sum(one in SIMPLICITY for one in order) - 0.5, color="0.6", lw=0.6, ls=":")
    ax.set_yticks(range(len(order)), [network_table.label(one) for one in order])
    ax.set_ylim(len(order) - 0.4, -0.6)
    reach = 1.1 * np.nanmax(np.abs(_near(data)), initial=0.1)
    ax.set_xscale("symlog", linthresh=1)  # an effect of one rule on its rank would hide all others
    ax.xaxis.set_major_locator(FixedLocator([-100, -10, -1, 0, 1, 10, 100]))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    ax.xaxis.set_minor_formatter(NullFormatter())
    ax.set(title=title, xlabel=f"{meaning} (SD)", xlim=(-reach, reach))
    return ax


def _near(data: pd.DataFrame) -> NDArray[np.float64]:
    """Return estimates and intervals over initialisations, which panels hold whole; those over rules may leave them."""
    return in_spreads(data)[["estimate", "estimate_low", "estimate_high"]].to_numpy(float)
