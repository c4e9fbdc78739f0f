"""The pages of the rules that were found: "Discovering three-factor rules"."""

from collections.abc import Sequence

from matplotlib.figure import Figure

from threefactor.plotting import coefficients, palette, style
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
