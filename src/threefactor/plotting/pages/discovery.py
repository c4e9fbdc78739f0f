"""The pages of the rules that were found: "Discovering three-factor rules"."""

from collections.abc import Sequence

import pandas as pd
from matplotlib.figure import Figure

from threefactor.plotting import coefficients, palette, speed, style
from threefactor.plotting.coefficients import Coefficients, Surface


def learned_rules(
    rules: Sequence[tuple[str, Sequence[Coefficients], Sequence[Surface]]], dpi: float
) -> Figure:
    """Draw, a row per learned rule, its coefficients and its function.

    Parameters
    ----------
    rules
        Of each learned rule: name, its grids of coefficients, and its functions (start and end).
    dpi
        Resolution of what is rasterised.
    """
    with style.look():
        figure = style.sheet(8.4, 4.9 * len(rules), dpi)
        parts = style.rows(figure, [1.0] * len(rules))
        axes = []
        for part, (name, grids, surfaces) in zip(parts, rules, strict=True):
            part.suptitle(palette.label(name), color=palette.colour(name), fontsize=10, fontweight="bold")
            left, right = style.columns(part, (1.5, 1))
            boxes = left.subplots(2, 2).flat
            for ax, grid in zip(boxes, grids, strict=True):
                axes.append(coefficients.grid(ax, grid))
            for ax, surface in zip(right.subplots(2, 1), surfaces, strict=True):
                axes.append(coefficients.surface(ax, surface))
        style.letters(axes)
    return figure


def learning_speed(survival: pd.DataFrame, criterion: pd.DataFrame, dpi: float) -> Figure:
    """Draw how soon networks learn under every rule (survival.csv, criterion.csv)."""
    with style.look():
        figure = style.sheet(7.6, 5.6, dpi)
        top, below = style.rows(figure, (1.25, 1))
        curve = top.subplots()
        speed.waiting(curve, survival)
        forest = below.subplots(1, 3)
        for ax, panel in zip(forest, (speed.reached, speed.restricted_mean, speed.ratio), strict=True):
            panel(ax, criterion)
        counts = {
            str(rule): int(n) for rule, n in zip(criterion.learning_rule, criterion.networks, strict=True)
        }
        style.rule_legend(top, criterion.learning_rule, counts)
        style.letters([curve, *forest])
    return figure
