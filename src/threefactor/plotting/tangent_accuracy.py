"""Tangents against other derivatives: where differences fail, and what makes derivatives grow."""

from collections.abc import Iterator

import matplotlib
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.ticker import LogLocator, NullLocator

from threefactor.plotting import palette, style

METHODS = {
    ("float64", "complex_step"): ("float64 against the complex step", "#009E73", "o"),
    ("float64", "reverse"): ("float64 against reverse mode", "#0072B2", "s"),
    ("float64", "autograd"): ("float64 against autograd", "#56B4E9", "^"),
    ("float32", "complex_step"): ("float32 against the complex step", "#E69F00", "D"),
    ("float64", "difference"): ("differences at their best step", "#D55E00", "v"),
}
"""What is compared, by precision of the tangents and method: its name, colour and marker."""

MARKERS = {"before": "o", "after": "s"}


def gain_colours(gains: list[float]) -> dict[float, str]:
    """Return a colour for each gain, from dark to light as gains rise."""
    colours = matplotlib.colormaps[palette.SEQUENTIAL](np.linspace(0, 0.85, max(2, len(gains))))
    return {gain: to_hex(colour) for gain, colour in zip(sorted(gains), colours, strict=False)}


def step_sizes(ax: Axes, data: pd.DataFrame, gains: list[float]) -> Axes:
    """Draw the error of differences over their step size at one trial, a line per gain (`accuracy.by_step`).

    Dotted: the error of the tangents themselves.
    """
    colours = gain_colours(gains)
    for gain, part in data.groupby("gain"):
        part, colour = part.sort_values("step_size"), colours[float(gain)]  # type: ignore[arg-type]
        ax.fill_between(part.step_size, part.low, part.high, color=colour, alpha=style.BAND, lw=0)
        ax.plot(part.step_size, part.middle, "o-", color=colour, label=f"g = {gain:g}")
        ax.plot(part.step_size, part.exact, ":", color=colour)
    ax.set(xscale="log", yscale="log", xlabel="step in scaled θ", ylabel="relative error of ∂W/∂θ")
    ax.set_title(f"Trial {data.trial.iloc[0]}")
    return _decades(ax)


def by_gain(ax: Axes, data: pd.DataFrame) -> Axes:
    """Draw the largest error at the end of learning runs by gain, a line per method (`accuracy.by`)."""
    width = (data.gain.max() - data.gain.min() or 1.0) / 70
    for at, (part, word, colour, marker) in enumerate(_methods(data)):
        place = part.gain.astype(float) + (at - 2) * width
        ax.vlines(place, part.low, part.high, color=colour, lw=1)
        ax.plot(place, part.middle, f"{marker}-", color=colour, label=word, lw=1)
    ax.set(title="By gain", yscale="log", ylabel="largest relative error", xlabel="gain g")
    return _decades(ax)


def by_rule(ax: Axes, data: pd.DataFrame) -> Axes:
    """Draw the largest error at the end of learning runs by rule, a mark per method (`accuracy.by`)."""
    order = _order(data.learning_rule)
    for at, (part, word, colour, marker) in enumerate(_methods(data)):
        place = part.learning_rule.map(order.index).astype(float) + (at - 2) / 10
        ax.hlines(place, part.low, part.high, color=colour, lw=1)
        ax.plot(part.middle, place, marker, color=colour, label=word)
    ax.set_yticks(range(len(order)), [_rule_label(rule) for rule in order])
    ax.invert_yaxis()
    ax.set(title="By rule", xscale="log", xlabel="largest relative error")
    return _decades(ax)


def _methods(data: pd.DataFrame) -> Iterator[tuple[pd.DataFrame, str, str, str]]:
    """Yield the rows of each method with its name, colour and marker."""
    for (precision, method), look in METHODS.items():
        yield (
            data[(data.precision == precision) & (data.method == method)].sort_values(data.columns[2]),
            *look,
        )


def exponents(ax: Axes, data: pd.DataFrame) -> Axes:
    """Draw the largest Lyapunov exponent by gain, before and after learning (`accuracy.exponents`)."""
    for when, colour in (("before", "0.6"), ("after", "k")):
        part = data[data.when == when].sort_values("gain")
        ax.vlines(part.gain, part.low, part.high, color=colour, lw=1)
        ax.plot(part.gain, part.middle, MARKERS[when] + "-", color=colour, label=f"{when} learning", lw=1)
    ax.axhline(0, color="0.6", lw=0.6)
    ax.set(title="Chaos", xlabel="gain g", ylabel="Lyapunov exponent (1/s)")
    ax.legend()
    return ax


def growth(ax: Axes, data: pd.DataFrame, gains: list[float]) -> Axes:
    """Draw the size of the weights' derivative over trials, a line per gain (`accuracy.curves`)."""
    colours = gain_colours(gains)
    for gain, part in data.groupby("gain"):
        part, colour = part.sort_values("trial"), colours[float(gain)]  # type: ignore[arg-type]
        ax.fill_between(part.trial, part.low, part.high, color=colour, alpha=style.BAND, lw=0)
        ax.plot(part.trial, part.middle, color=colour, label=f"g = {gain:g}")
    ax.set(yscale="log", title="Growth", xlabel="trial of learning", ylabel="|∂W/∂θ|")
    return style.whole_numbers(_decades(ax))


def _order(rules: pd.Series) -> list[str]:
    """Return the random rules by degree, then the others in the order of the legend."""
    names = palette.ordered(rules)
    random = [name for name in names if name.startswith("random_")]
    return [*sorted(random, key=lambda name: int(name[7:])), *(n for n in names if n not in random)]


def _rule_label(rule: str) -> str:
    """Return a rule's name; of a random one with its degree."""
    return f"degree {rule[7:]}" if rule.startswith("random_") else palette.label(rule)


def _decades(ax: Axes) -> Axes:
    """Put few ticks on logarithmic axes, at whole decades."""
    for axis in (ax.xaxis, ax.yaxis):
        if axis.get_scale() == "log":
            axis.set_major_locator(LogLocator(numticks=6))
            axis.set_minor_locator(NullLocator())
    return ax
