"""Tangents against other derivatives, and rules against the gradient."""

import pandas as pd
from matplotlib.axes import Axes

from threefactor.figures import palette, style

METHODS = {"autograd": "#0072B2", "complex_step": "#009E73", "difference": "#D55E00"}
WORDS = {"autograd": "autograd through learning", "complex_step": "complex step", "difference": "differences"}
QUANTITIES = {"reward_tangent": "reward, ∂R/∂θ", "weight_tangent": "weights, U = ∂W/∂θ"}
STYLES = ("-", "--", ":", "-.")


def relative_error(ax: Axes, data: pd.DataFrame) -> Axes:
    """Draw the relative error of one quantity over the trials, a line per method, step size and precision.

    ``data`` is of `accuracy.worst_rule`, of one ``quantity``. Errors of exactly zero are not drawn.
    """
    shown = data.assign(step_size=data.step_size.fillna(0))
    for method, colour in METHODS.items():
        runs = shown[shown.method == method].sort_values(["precision", "step_size"], ascending=False)
        for at, ((precision, step), part) in enumerate(runs.groupby(["precision", "step_size"], sort=False)):
            word = WORDS[method] + (f", step {step:g}" if step else "") + f", {precision}"
            part = part.sort_values("trial")
            line = STYLES[at % len(STYLES)]
            ax.plot(part.trial, part.relative_error, line, color=colour, label=word, lw=1.2, marker=".")
    ax.set(yscale="log", xlabel="trial of learning", ylabel="relative error (no unit)")
    ax.set_title(f"Tangent of the {QUANTITIES.get(str(data.quantity.iloc[0]), data.quantity.iloc[0])}")
    return style.whole_numbers(ax)


def cosine(ax: Axes, data: pd.DataFrame) -> Axes:
    """Draw the mean cosine along training, with its interval, from `alignment.along_training`."""
    for rule in palette.ordered(data.learning_rule):
        part = data[data.learning_rule == rule].sort_values("trial")
        colour = palette.colour(rule)
        ax.fill_between(part.trial, part.low, part.high, color=colour, alpha=style.BAND / 1.5, lw=0)
        ax.plot(part.trial, part.cosine, marker="o", ms=3, color=colour, ls=palette.dashes(rule))
    ax.axhline(0, color="0.6", lw=0.6)
    low, high = ax.get_ylim()
    ax.set_ylim(max(low, -1.02), min(high, 1.02))
    ax.set(title="Alignment along training", xlabel="trials of training", ylabel="cos(E[ΔW], −∇L)")
    return ax


def followed(ax: Axes, data: pd.DataFrame) -> Axes:
    """Draw alignment against speed, a point per rule, from `alignment.against_speed`."""
    for rule in palette.ordered(data.learning_rule):
        row = data[data.learning_rule == rule].iloc[0]
        colour = palette.colour(rule)
        ax.plot([row.low, row.high], [row.restricted_mean] * 2, color=colour, lw=1.2)
        ax.plot([row.cosine] * 2, [row.restricted_mean_low, row.restricted_mean_high], color=colour, lw=1.2)
        ax.plot(row.cosine, row.restricted_mean, "o", color=colour, ms=5)
    ax.set(title="Alignment and speed", xlabel="cos(E[ΔW], −∇L)")
    ax.set_ylabel("restricted mean (trials)")
    return ax


def sign_agreement(ax: Axes, data: pd.DataFrame) -> Axes:
    """Draw the fraction of synapses that move as the gradient says, from `alignment.along_training`."""
    for rule in palette.ordered(data.learning_rule):
        part = data[data.learning_rule == rule].sort_values("trial")
        ax.plot(
            part.trial,
            part.sign_agreement,
            marker="o",
            ms=3,
            color=palette.colour(rule),
            ls=palette.dashes(rule),
        )
    ax.axhline(0.5, color="0.6", lw=0.6)
    ax.set(title="Signs that agree", xlabel="trials of training", ylabel="fraction of synapses")
    return ax
