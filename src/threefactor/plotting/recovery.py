"""Panels of recovered rules: coefficients with intervals, effects of noise and trials, and constants."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator

from threefactor.plotting import palette, style

COLOURS = ("#000000", "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00")
ACROSS = 3
THRESHOLD = 3.84  # of a likelihood ratio, 95 %
LEVEL = 0.95


class Constant(NamedTuple):
    """Estimate of one constant."""

    curve: pd.DataFrame  # value, likelihood_ratio
    low: float
    high: float
    true: float | None


def coefficients(ax: Axes, data: pd.DataFrame) -> Axes:
    """Draw each term's share of the changes with its interval, in colours of the data; dashes are the true values."""
    labels = list(dict.fromkeys(data.data))
    for at, label in enumerate(labels):
        rows, colour = data[data.data == label], COLOURS[at % len(COLOURS)]
        x = np.arange(len(rows)) + 0.7 * (at + 0.5) / len(labels) - 0.35
        middle, low, high = (rows[name] / rows.unit for name in ("recovered", "low", "high"))
        ax.vlines(x, low, high, color=colour, lw=0.9)
        ax.plot(x, middle, ".", color=colour, ms=3.5, label=label)
        sure = rows.found.astype(bool)
        ax.plot(x[sure], middle[sure], "o", ms=6, mfc="none", mec=colour, mew=0.8)
    rows = data[data.data == labels[0]]
    if rows.true.notna().all():
        ax.plot(
            np.arange(len(rows)), rows.true / rows.unit, "_", color="0.4", ms=11, zorder=1, label="true value"
        )
    names = [palette.term(f"{k}{l}") for k, l in zip(rows.k, rows.l, strict=True)]
    ax.set_xticks(range(len(names)), names, rotation=90)
    ax.set_xlim(-1, len(names))
    ax.axhline(0, color="0.7", lw=0.6)
    ax.set(xlabel="term", ylabel="coefficient (rms of what it changes\nby that of all changes)")
    ax.set_yscale("symlog", linthresh=0.3)
    ax.set_ylim(-5, 5)  # wider intervals are cut
    ax.set_yticks(
        [-3, -1, -0.3, -0.1, 0, 0.1, 0.3, 1, 3], ["−3", "−1", "−.3", "−.1", "0", ".1", ".3", "1", "3"]
    )
    ax.minorticks_off()
    ax.set_title("Recovered terms (circles: found)")
    return ax


def against_trials(ax: Axes, data: pd.DataFrame) -> Axes:
    """Draw the error by the number of trials, a line per noise."""
    for at, (label, rows) in enumerate(data.groupby("data", sort=False)):
        colour = COLOURS[at % len(COLOURS)]
        ax.plot(rows.trials, rows.error, ".-", color=colour, label=label)
        ax.fill_between(rows.trials, rows.low, rows.high, color=colour, alpha=style.BAND, lw=0)
    ax.set(xscale="log", yscale="log", xlabel="trials that change weights", ylabel="error / |θ| (scaled)")
    counts = sorted(set(data.trials))
    ax.set_xticks(counts, [str(n) for n in counts])
    ax.minorticks_off()
    ax.set_title("Error by number of trials")
    return ax


def error(ax: Axes, data: pd.DataFrame) -> Axes:
    """Draw the error by the size of noise, a line per rule; bars are quartiles over draws of noise."""
    for at, (rule, rows) in enumerate(data.groupby("learning_rule", sort=False)):
        _line(ax, at, str(rule), rows, "error")
    ax.set_yscale("log")
    ax.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    ax.yaxis.set_major_formatter("{x:g}")
    ax.set_ylabel("error / |θ| (scaled)")
    ax.set_title("Error of θ")
    return _against_noise(ax, data)


def coverage(ax: Axes, data: pd.DataFrame) -> Axes:
    """Draw the coverage of intervals by the size of noise; bars: 95 % intervals."""
    for at, (rule, rows) in enumerate(data.groupby("learning_rule", sort=False)):
        _line(ax, at, str(rule), rows, "coverage")
    ax.axhline(LEVEL, color="0.5", ls=":", lw=0.8)
    ax.set(ylim=(0.85, 1.0), ylabel="coverage")
    ax.set_title("Coverage of 95 % intervals")
    return _against_noise(ax, data)


def found(ax: Axes, data: pd.DataFrame) -> Axes:
    """Draw the share of a rule's terms that are found, and how often another is found (crosses)."""
    for at, (rule, rows) in enumerate(data.groupby("learning_rule", sort=False)):
        colour, x = palette.colour(str(rule)), rows.noise * _aside(at)
        ax.plot(x, rows.found, ".-", color=colour)
        ax.plot(x, rows.false_alarms, "x:", color=colour, lw=1)
    ax.axhline(1 - LEVEL, color="0.5", ls=":", lw=0.8)
    ax.set(ylim=(-0.05, 1.05), ylabel="share found (crosses: wrongly)")
    ax.set_title("Found terms")
    return _against_noise(ax, data)


def _line(ax: Axes, at: int, rule: str, rows: pd.DataFrame, name: str) -> None:
    """Draw one rule's line with bars from low to high."""
    middle, low, high = (rows[f"{name}{end}"].to_numpy(float) for end in ("", "_low", "_high"))
    spread = (middle - low, high - middle)
    ax.errorbar(
        rows.noise.to_numpy() * _aside(at), middle, spread, fmt=".-", lw=1, color=palette.colour(rule)
    )


def _aside(at: int) -> float:
    """Return by what a rule's points are moved, so that bars stand side by side."""
    return float(1.06**at)


def _against_noise(ax: Axes, data: pd.DataFrame) -> Axes:
    """Make the horizontal axis that of noise."""
    ax.set(xscale="log", xlabel="noise / weight changes (rms)")
    sizes = sorted(set(data.noise))
    ax.set_xticks(sizes, [f"{size:g}" for size in sizes])
    ax.minorticks_off()
    ax.margins(x=0.15)
    return ax


def constant(ax: Axes, name: str, data: Constant) -> Axes:
    """Draw the likelihood ratio of one constant; the interval is where it lies below the dotted line."""
    ax.plot(data.curve.value, data.curve.likelihood_ratio, ".-", color=COLOURS[1], lw=1)
    ax.axhline(THRESHOLD, color="0.5", ls=":", lw=0.8)
    ax.axvspan(data.low, data.high, color=COLOURS[1], alpha=style.BAND, lw=0)
    if data.true is not None:
        ax.axvline(data.true, color="0.3", lw=1, ls="--")
    words = name.replace("_", " ")
    unit = {"baseline_decay": " (per trial)", "baseline_exponent": " (power)"}.get(name, " (per step)")
    ax.set(xlabel=words + unit, ylabel="likelihood ratio", ylim=(-0.4, 12))
    ax.locator_params(axis="x", nbins=3)
    ax.ticklabel_format(axis="x", useOffset=False)
    ax.set_title(f"Fit of the {words}")
    return ax


def page(
    rows: pd.DataFrame, growth: pd.DataFrame, constants: Mapping[str, Constant], title: str, dpi: float
) -> Figure:
    """Draw the recovery of one rule.

    Parameters
    ----------
    rows
        A row per data and term: data (a name), k, l, unit, recovered, low, high, found; true, or NaN where unknown.
    growth
        From `analysis.recovery.coefficient_table.by_trials`, with column data; empty where the truth is unknown.
    constants
        By name; those that were given need no panel.
    title
        Of the page.
    dpi
        Resolution of what is rasterised.
    """
    with style.look():
        below = len(constants) + bool(len(growth))
        height = 2.2 * -(-below // ACROSS)
        figure = style.sheet(9, 3.4 + height, dpi)
        figure.suptitle(title, fontsize=9)
        parts = style.rows(figure, (3.2, height)) if below else style.rows(figure, (1,))
        axes = [coefficients(parts[0].subplots(), rows)]
        parts[0].legend(*axes[0].get_legend_handles_labels(), loc="outside right upper")
        if below:
            panels = style.tiles(parts[1], below, ACROSS)
            if len(growth):
                axes.append(against_trials(panels.pop(0), growth))
            axes += [constant(ax, *item) for ax, item in zip(panels, constants.items(), strict=True)]
        style.letters(axes)
    return figure
