"""Draw what the search for each rule cost: scores on held-out networks, and the trials that derivatives save."""

import pandas as pd
from matplotlib.figure import Figure

from threefactor.analysis.learning.search_cost import findings, rivals
from threefactor.experiment.work import Drawing, Inputs
from threefactor.plotting import search_cost, style

HEADING = 1.1
INPUTS = {
    "searches": "metalearning_report/searches.csv",
    "savings": "metalearning_report/savings.csv",
}
READS = ("figures.dpi",)


def draw(inputs: Inputs) -> Drawing:
    """Draw every search beside that of evolution."""
    scores, savings = inputs.table("searches"), inputs.table("savings")
    return Drawing(page(scores, savings, inputs.settings.figures.dpi), {"levels": findings(savings)})


def page(scores: pd.DataFrame, savings: pd.DataFrame, dpi: float) -> Figure:
    """Draw a panel per evolved rule with the rules of its class, one with all others, and the savings.

    Parameters
    ----------
    scores, savings
        From `threefactor.analysis.learning.search_cost`.
    dpi
        Resolution of what is rasterised.
    """
    parts = rivals(scores) or {"": scores}
    rows = [max(2.4, 0.5 + 0.17 * part.search.nunique()) for part in parts.values()]
    heights = [*rows, 1.6 + 0.4 * len(savings.drop_duplicates(["evolution", "search"]))]
    with style.look():
        figure = style.sheet(7.6, sum(heights), dpi)
        *above, below = style.rows(figure, heights)
        axes = [
            search_cost.curves(row.subplots(), part, evolved)
            for row, (evolved, part) in zip(above, parts.items(), strict=True)
        ]
        axes.append(search_cost.savings(below.subplots(), savings))
        style.letters(axes)
    return figure
