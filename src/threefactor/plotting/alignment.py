"""Rules compared with the gradient, with each other, and beside their speed."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import NullFormatter, ScalarFormatter

from threefactor.plotting import palette, style

COSINE = "cos(E[ΔW], −∇L)"
GAP = 0.8
"""Width of the group of rules above one trial type."""

WHOLE = ("all", "weighted")
"""What stands beside the trial types: all, and all with gradients weighted as the reward gate does."""

CONTROLS = {
    "gradient": "−∇L",
    "shuffled": "shuffled",
    "best_odd": "best θ, odd terms",
    "best_polynomial": "best θ, all terms",
}
"""Names of what is no learning rule."""


def label(name: str) -> str:
    """Return the name of a rule or of a control."""
    return CONTROLS.get(name) or palette.label(name)


def along(ax: Axes, data: pd.DataFrame) -> Axes:
    """Draw cosines along training, from `alignment.along_training`: noise-corrected with intervals, uncorrected pale."""
    for rule in palette.ordered(data.learning_rule):
        part = data[data.learning_rule == rule].sort_values("trial")
        colour, line = palette.colour(rule), palette.dashes(rule)
        ax.plot(part.trial, part.uncorrected, ls=line, color=colour, alpha=0.35, lw=1)
        error = np.array([part.noise_corrected - part.low, part.high - part.noise_corrected])
        ax.errorbar(
            part.trial, part.noise_corrected, error, fmt="o", ls=line, color=colour, ms=3, elinewidth=0.7
        )
    ax.axhline(0, color="0.6", lw=0.6)
    ax.set_ylim(-0.3, 1.3)
    ax.set(title="Along training", xlabel="trials of training", ylabel=COSINE)
    return ax


def types(ax: Axes, data: pd.DataFrame) -> Axes:
    """Draw the noise-corrected cosine of each trial type, from `alignment.by_type`; ticks are uncorrected."""
    rules = palette.ordered(data.learning_rule)
    trial_types = [*sorted(set(data.trial_type) - set(WHOLE)), *WHOLE]
    for place, rule in enumerate(rules):
        part = data[data.learning_rule == rule].set_index("trial_type").reindex(trial_types)
        x = np.arange(len(trial_types)) + GAP * ((place + 0.5) / len(rules) - 0.5)
        colour = palette.colour(rule)
        error = np.array([part.noise_corrected - part.low, part.high - part.noise_corrected])
        ax.plot(x, part.uncorrected, "_", color=colour, ms=4)
        ax.errorbar(x, part.noise_corrected, error, fmt="o", color=colour, ms=3, elinewidth=0.7)
    ax.axhline(0, color="0.6", lw=0.6)
    ax.axhline(1, color="0.6", lw=0.6, ls=":")
    ax.set_xticks(range(len(trial_types)), trial_types, rotation=30)
    ax.set(title="By trial type", xlabel="trial type", ylabel=COSINE)
    return ax


def signs(ax: Axes, data: pd.DataFrame) -> Axes:
    """Draw the fraction of synapses that move as the gradient says, from `alignment.along_training`."""
    for rule in palette.ordered(data.learning_rule):
        part = data[data.learning_rule == rule].sort_values("trial")
        colour, line = palette.colour(rule), palette.dashes(rule)
        ax.plot(part.trial, part.sign_agreement, marker="o", ms=3, color=colour, ls=line)
    ax.axhline(0.5, color="0.6", lw=0.6)
    ax.set(title="Signs that agree", xlabel="trials of training", ylabel="fraction of synapses")
    return ax


def speed(
    ax: Axes, data: pd.DataFrame, column: str, fit: Mapping[str, float], without: Mapping[str, float]
) -> Axes:
    """Draw alignment against speed, a point per rule.

    Parameters
    ----------
    ax
        Where.
    data
        From `analysis.gradients.alignment.against_speed`.
    column
        ``uncorrected`` or ``noise_corrected``.
    fit, without
        From `analysis.gradients.alignment.correlation`, of all rules and without those that have access to the gradient.
    """
    for rule in palette.ordered(data.learning_rule):
        row, colour = data[data.learning_rule == rule].iloc[0], palette.colour(rule)
        if column == "noise_corrected":
            ax.plot([row.low, row.high], [row.restricted_mean] * 2, color=colour, lw=1)
        ax.plot([row[column]] * 2, [row.restricted_mean_low, row.restricted_mean_high], color=colour, lw=1)
        ax.plot(row[column], row.restricted_mean, "o", color=colour, ms=5)
    ax.set_yscale("log")
    ax.yaxis.set_major_formatter(ScalarFormatter())
    ax.yaxis.set_minor_formatter(NullFormatter())
    ax.set_yticks([100, 200, 500, 1000, 2000])
    ax.set(xlabel=COSINE, ylabel="restricted mean (trials)")
    ax.set_title(f"Alignment and speed, {column.replace('_', '-')}")
    ax.text(0.02, 0.02, _correlation(fit, without), transform=ax.transAxes, fontsize=6.5, va="bottom")
    return ax


def _correlation(fit: Mapping[str, float], without: Mapping[str, float]) -> str:
    """Write a correlation with its interval, and that without some rules; nothing where it is not known."""
    if not np.isfinite(fit["estimate"]):
        return ""
    words = "r = {estimate:.2f} [{low:.2f}, {high:.2f}]".format(**fit)
    if not np.isfinite(without["estimate"]) or without["rules"] == fit["rules"]:
        return words
    return words + "\nwithout gradient-based rules {estimate:.2f} [{low:.2f}, {high:.2f}]".format(**without)


def matrix(ax: Axes, data: pd.DataFrame) -> Axes:
    """Write the cosine between the updates of each pair of rules, from `alignment.matrix`.

    Above the diagonal it is uncorrected, below noise-corrected; a dash where noise hides it.
    """
    second = [name for name in ("gradient",) if name in set(data.second)]
    known = [*palette.ordered((set(data["first"]) | set(data.second)) - {*CONTROLS}), *second]
    grid = np.full((len(known), len(known)), np.nan)
    for row in data[data["first"].isin(known) & data.second.isin(known)].itertuples():
        i, j = sorted((known.index(str(row.first)), known.index(str(row.second))))
        grid[i, j], grid[j, i] = row.uncorrected, row.noise_corrected
    image = ax.imshow(grid, cmap=palette.DIVERGING, vmin=-1, vmax=1)
    for (i, j), value in np.ndenumerate(grid):
        if i != j:
            words = f"{value:.2f}" if np.isfinite(value) else "–"
            dark = np.isfinite(value) and abs(value) > 0.6
            ax.text(j, i, words, ha="center", va="center", fontsize=6, color="white" if dark else "black")
    names = [label(name) for name in known]
    ax.set_xticks(range(len(known)), names, rotation=40, ha="right", rotation_mode="anchor")
    ax.set_yticks(range(len(known)), names)
    ax.spines[:].set_visible(False)
    ax.tick_params(length=0)
    ax.set(title="Cosine between expected updates", xlabel="update of", ylabel="update of")
    ax.figure.colorbar(image, ax=ax, shrink=0.6, label="above: uncorrected, below: noise-corrected")
    return ax


def at_same_weights(ax: Axes, data: pd.DataFrame) -> Axes:
    """Draw the cosine of every rule and of the best ones at the same weights: noise-corrected with intervals.

    Ticks are uncorrected. ``data`` is of `alignment.at_same_weights` and `subspace.best_rules` of `analysis.gradients`.
    """
    names = [n for n in CONTROLS if n in set(data.learning_rule)]
    rules = [*palette.ordered(set(data.learning_rule) - {*CONTROLS}), *names]
    for y, name in enumerate(rules):
        row = data[data.learning_rule == name].iloc[0]
        colour = "0.45" if name in CONTROLS else palette.colour(name)
        ax.plot(row.uncorrected, y, "|", color=colour, ms=8, mew=1.5)
        ax.plot([row.low, row.high], [y, y], color=colour, lw=1.2)
        ax.plot(row.noise_corrected, y, "o", color=colour, ms=5)
    ax.axvline(0, color="0.6", lw=0.6)
    ax.set_yticks(range(len(rules)), [label(name) for name in rules])
    ax.invert_yaxis()
    ax.set(title="At the same weights", xlabel=COSINE)
    return ax


def nothing(ax: Axes) -> Axes:
    """Say that there is nothing to compare."""
    return style.nothing(ax, "no finite cosine")
