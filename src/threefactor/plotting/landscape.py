"""What learning changed in the weights, and the fixed points that came of it."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from threefactor.analysis.measure import Measure
from threefactor.plotting import palette, style


def spectrum(ax: Axes, data: pd.DataFrame) -> Axes:
    """Draw the singular values of the weight change, from `quantiles.relative_spectrum`.

    ``data``: learning_rule, index, middle, low, high (quartiles over networks, relative to the largest one).
    """
    for rule in palette.ordered(data.learning_rule):
        part = data[data.learning_rule == rule].sort_values("index")
        colour = palette.colour(rule)
        ax.fill_between(part["index"], part.low, part.high, color=colour, alpha=style.BAND / 1.5, lw=0)
        ax.plot(part["index"], part.middle, color=colour, ls=palette.dashes(rule))
    ax.set(xscale="log", yscale="log", title="Spectrum of ΔW", xlabel="index of the singular value")
    ax.set(ylabel="singular value / largest", ylim=(1e-3, 1.3))
    return ax


def per_rule(ax: Axes, data: pd.DataFrame, measure: Measure) -> Axes:
    """Draw a measure of networks: a point per network, a bar at the median of the rule."""
    rules = palette.ordered(data.learning_rule)
    for place, rule in enumerate(rules):
        values = data.loc[data.learning_rule == rule, measure.name].dropna().to_numpy(float)
        if not len(values):
            continue
        aside = 0.3 * (np.arange(len(values)) % 7 - 3) / 3
        ax.plot(values, place + aside, ".", color=palette.colour(rule), ms=3, alpha=0.6)
        ax.plot([np.median(values)] * 2, [place - 0.4, place + 0.4], color=palette.colour(rule), lw=2)
    ax.set_yticks(range(len(rules)), [palette.label(rule) for rule in rules])
    ax.set_ylim(len(rules) - 0.4, -0.6)
    words = measure.name.replace("_", " ")
    ax.set(title=measure.label or words, xlabel=measure.unit or words)
    return ax


def eigenvalues(ax: Axes, data: pd.DataFrame) -> Axes:
    """Draw the eigenvalues of one network before (grey rings) and after learning, from spectrum.csv."""
    rule = str(data.learning_rule.iloc[0])
    ax.plot(data.initial_real, data.initial_imaginary, "o", color="0.7", ms=4.5, mfc="none", mew=0.6)
    ax.plot(data.final_real, data.final_imaginary, ".", color=palette.colour(rule), ms=3)
    ax.axvline(1, color="0.6", lw=0.6, ls=":")
    ax.set(title=f"{palette.label(rule)}", xlabel="real part of λ(W)", ylabel="imaginary part")
    ax.set_title(ax.get_title(loc="left"), color=palette.colour(rule))
    ax.set_aspect("equal", adjustable="datalim")
    ax.margins(0.12)
    return ax


def stability(ax: Axes, data: pd.DataFrame) -> Axes:
    """Draw each fixed point by its least stable direction and its output, from fixed_points.csv."""
    for rule in palette.ordered(data.learning_rule):
        part = data[data.learning_rule == rule]
        colour, mark = palette.colour(rule), palette.mark(rule)
        ax.plot(part.largest_real, part.output, mark, color=colour, ms=3, alpha=0.6, mew=0)
    ax.axvline(0, color="0.6", lw=0.6)
    ax.set(title="Fixed points (stable: < 0)", ylabel="output there", ylim=(-1.05, 1.05))
    ax.set_xlabel("largest Re λ(J) (1/τ)")
    return ax
