"""Panels of the outer loop, by which the coefficients of a rule are learned."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes

from threefactor.plotting import palette, style

OTHERS, DASHES = palette.OTHERS, ("-", "--", ":", "-.")
NAMED = 9  # coefficients that fit into a legend

Histories = Mapping[str, pd.DataFrame]
"""``history.csv`` of each learned rule."""


def objective(ax: Axes, data: Histories) -> Axes:
    """Draw the objective of every step with its standard error."""
    for rule, table in data.items():
        low = table.objective - table.objective_standard_error
        high = table.objective + table.objective_standard_error
        ax.fill_between(table.step, low, high, color=palette.colour(rule), alpha=style.BAND, lw=0)
        ax.plot(
            table.step, table.objective, "o-", color=palette.colour(rule), label=palette.label(rule), ms=3
        )
    ax.set(title="Objective of the outer loop", xlabel="step of θ", ylabel="objective")
    return style.whole_numbers(ax)


def held_out(ax: Axes, data: Mapping[str, pd.DataFrame]) -> Axes:
    """Draw the score on held-out networks against the trials simulated to learn θ, with its standard error."""
    scored = {rule: table for rule, table in data.items() if len(table)}
    if not scored:
        return style.nothing(ax, "there are no held-out networks")
    for rule, table in scored.items():
        smoothed, error, colour = (
            table.smoothed_error_rate,
            table.smoothed_error_rate_standard_error,
            palette.colour(rule),
        )
        ax.fill_between(
            table.trials, smoothed - error, smoothed + error, color=colour, alpha=style.BAND, lw=0
        )
        ax.plot(table.trials, smoothed, "o-", color=colour, ms=3)
        best = table[table.kept.astype(bool)]
        ax.plot(best.trials, best.smoothed_error_rate, "*", color=colour, ms=8, mec="white", mew=0.5)
    ax.plot([], [], "*", color="0.4", ms=7, label="θ that is taken")
    first = min((float(table.trials[table.trials > 0].min()) for table in scored.values()), default=1.0)
    if np.isfinite(first):
        ax.set_xscale("symlog", linthresh=first)
    ax.set(
        title="Score on held-out networks",
        xlabel="trials simulated to learn θ, all networks",
        ylabel="smoothed error rate",
    )
    ax.legend(loc="best")
    return ax


def gradient_norm(ax: Axes, data: Histories) -> Axes:
    """Draw the norm of the meta-gradient of every step, and those of its longest and its median network."""
    for rule, table in data.items():
        colour = palette.colour(rule)
        ax.plot(table.step, table.gradient_norm, "o-", color=colour, label=palette.label(rule), ms=3)
        ax.plot(table.step, table.longest_norm.replace(0, np.nan), "^:", color=colour, ms=3, lw=0.8)
        ax.plot(table.step, table.median_norm, "--", color=colour, lw=0.8)
    for style_, word in (("^:", "longest network"), ("--", "median network"), ("o-", "clipped mean")):
        ax.plot([], [], style_, color="0.4", ms=3, lw=0.8, label=word)
    ax.legend(*zip(*_last(ax, 3), strict=True), loc="best")
    ax.set(title="Size of the meta-gradient", xlabel="step of θ", ylabel="norm of dJ/dθ")
    if any((table.gradient_norm > 0).any() for table in data.values()):
        ax.set_yscale("log")
    return style.whole_numbers(ax)


def clipped(ax: Axes, data: Histories) -> Axes:
    """Draw how many networks' gradients were clipped (filled) and dropped (crosses) in every step."""
    for rule, table in data.items():
        ax.plot(table.step, table.clipped, "o-", color=palette.colour(rule), ms=3, lw=1)
        ax.plot(table.step, table.dropped, "x:", color=palette.colour(rule), ms=4, lw=0.8)
    ax.plot([], [], "o-", color="0.4", ms=3, label="clipped at the median norm")
    ax.plot([], [], "x:", color="0.4", ms=4, label="dropped: not finite")
    ax.set(title="Clipped and dropped networks", xlabel="step of θ", ylabel="number of networks")
    most = max(float(table[["clipped", "dropped"]].to_numpy().max()) for table in data.values())
    ax.set_ylim(-0.05 * most - 0.2, 1.5 * most + 1)
    ax.legend(loc="upper right")
    return style.whole_numbers(ax)


def coefficients(ax: Axes, data: tuple[str, pd.DataFrame]) -> Axes:
    """Draw the scaled coefficients of one learned rule over the steps, the largest of them labelled."""
    rule, table = data
    names = [name for name in table.columns if name.startswith("theta_scaled_")]
    largest = set(table[names].iloc[-1].abs().nlargest(NAMED).index)
    for place, name in enumerate(names):
        colour, dashes = OTHERS[place % len(OTHERS)], DASHES[place // len(OTHERS) % len(DASHES)]
        word = palette.term(name.removeprefix("theta_scaled_")) if name in largest else "_"
        ax.plot(table.step, table[name], label=word, color=colour, ls=dashes)
    ax.axhline(0, color="0.6", lw=0.6)
    ax.set(title=f"θ, {palette.label(rule)}", xlabel="step of θ", ylabel="scaled θ")
    ax.legend(loc="center left", bbox_to_anchor=(1, 0.5), handlelength=1.2)
    return style.whole_numbers(ax)


def z_scores(ax: Axes, data: tuple[str, pd.DataFrame]) -> Axes:
    """Draw each coefficient's gradient in units of its standard error, for one learned rule."""
    rule, table = data
    names = [name.removeprefix("gradient_") for name in table.columns if name.startswith("gradient_")]
    names = [name for name in names if f"standard_error_{name}" in table]
    scores = np.array([_z(table, name) for name in names])
    bound = max(3.0, float(np.nanmax(np.abs(scores), initial=0.0)))
    extent = (table.step.min() - 0.5, table.step.max() + 0.5, len(names) - 0.5, -0.5)
    image = ax.imshow(scores, cmap=palette.DIVERGING, vmin=-bound, vmax=bound, aspect="auto", extent=extent)
    ax.set(title=f"Meta-gradient, {palette.label(rule)}", xlabel="step of θ", ylabel="coefficient")
    ax.set_yticks(range(len(names)), [palette.term(name) for name in names])
    ax.figure.colorbar(image, ax=ax, label="dJ/dθ (standard errors from 0)")
    return style.whole_numbers(ax)


def _last(ax: Axes, count: int) -> list[tuple[Artist, str]]:
    """Return the handles and labels that were drawn last."""
    handles, labels = ax.get_legend_handles_labels()
    return list(zip(handles, labels, strict=True))[-count:]


def _z(table: pd.DataFrame, name: str) -> pd.Series:
    """Return a gradient divided by its standard error; NaN where that is zero."""
    return table[f"gradient_{name}"] / table[f"standard_error_{name}"].replace(0, np.nan)
