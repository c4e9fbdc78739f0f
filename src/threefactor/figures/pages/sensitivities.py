"""The pages of the gradients: "Subspace-sensitivities provide accurate gradient information"."""

import pandas as pd
from matplotlib.figure import Figure

from threefactor.figures import gradients, style


def tangent_accuracy(accuracy: pd.DataFrame, dpi: float) -> Figure:
    """Draw the error of the tangents against other derivatives, trial by trial (`accuracy.worst_rule`)."""
    with style.look():
        figure = style.sheet(7.6, 3.6, dpi)
        quantities = list(dict.fromkeys(accuracy.quantity))
        if not quantities:
            style.nothing(figure.subplots(), "in no trial did anything depend on θ")
            return figure
        axes = figure.subplots(1, len(quantities), sharey=True, squeeze=False)[0]
        for ax, quantity in zip(axes, quantities, strict=True):
            gradients.relative_error(ax, accuracy[accuracy.quantity == quantity])
            ax.label_outer()
        handles, words = axes[0].get_legend_handles_labels()
        figure.legend(handles, words, loc="outside lower center", ncols=3)
        style.letters(axes)
    return figure


def gradient_alignment(along: pd.DataFrame, speed: pd.DataFrame, dpi: float) -> Figure:
    """Draw how well rules follow the gradient, and that beside their speed.

    Parameters
    ----------
    along
        From `alignment.along_training`.
    speed
        From `alignment.against_speed`.
    dpi
        Resolution of what is rasterised.
    """
    with style.look():
        figure = style.sheet(7.6, 3.2, dpi)
        axes = figure.subplots(1, 3)
        words = "no snapshot with three\nnetworks still learning"
        for ax, panel in zip(axes, (gradients.cosine, gradients.sign_agreement), strict=False):
            panel(ax, along) if len(along) else style.nothing(ax, words)
        gradients.followed(axes[2], speed) if len(speed) else style.nothing(axes[2], "no finite cosine")
        counts = {str(rule): int(n) for rule, n in zip(speed.learning_rule, speed.networks, strict=True)}
        style.rule_legend(figure, [*along.learning_rule, *speed.learning_rule], counts)
        style.letters(axes)
    return figure
