"""The page of the outer loop: "Meta-learning plasticity rules"."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.figure import Figure

from threefactor.analysis.learning.search import rivals
from threefactor.plotting import outer_loop, style
from threefactor.plotting import search as panels
from threefactor.plotting.outer_loop import Histories


def page(histories: Histories, held_out: Mapping[str, pd.DataFrame], dpi: float) -> Figure:
    """Draw the objective, the score, the size of the gradient, and θ and its gradient for every learned rule."""
    with style.look():
        if any(table.empty for table in histories.values()):
            figure = style.sheet(5, 2, dpi)
            style.nothing(figure.subplots(), "the outer loop made no step")
            return figure
        count = len(histories)
        figure = style.sheet(7.6, 5.0 + 2.3 * count, dpi)
        top, below = style.rows(figure, (5.0, 2.3 * count))
        first = top.subplots(2, 2).flat
        outer_loop.objective(first[0], histories)
        outer_loop.held_out(first[1], held_out)
        outer_loop.gradient_norm(first[2], histories)
        outer_loop.clipped(first[3], histories)
        rest = below.subplots(count, 2, squeeze=False)
        for row, learned in zip(rest, histories.items(), strict=True):
            outer_loop.coefficients(row[0], learned)
            outer_loop.z_scores(row[1], learned)
        style.rule_legend(top, histories)
        style.letters([*first, *rest.flat])
    return figure


def search(curves: pd.DataFrame, savings: pd.DataFrame, dpi: float) -> Figure:
    """Draw what finding the rules cost: scores along all searches, and what derivatives save (savings.csv).

    Rules that evolution sought have a panel with their rivals, all others one together.
    """
    parts = rivals(curves) or {"": curves}
    rows = [max(2.4, 0.5 + 0.17 * part.search.nunique()) for part in parts.values()]
    heights = [*rows, 1.6 + 0.4 * len(savings.drop_duplicates(["evolution", "search"]))]
    with style.look():
        figure = style.sheet(7.6, sum(heights), dpi)
        *above, below = style.rows(figure, heights)
        axes = [
            panels.curves(row.subplots(), part, evolved)
            for row, (evolved, part) in zip(above, parts.items(), strict=True)
        ]
        axes.append(panels.savings(below.subplots(), savings))
        style.letters(axes)
    return figure
