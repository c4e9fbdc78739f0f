"""The page of rules under other settings."""

import pandas as pd
from matplotlib.figure import Figure

from threefactor.plotting import style
from threefactor.plotting import transfer as panels

ACROSS = 4  # conditions side by side


def transfer(rules: pd.DataFrame, waiting: pd.DataFrame, published: pd.DataFrame, dpi: float) -> Figure:
    """Draw rules by conditions, and the Kaplan–Meier curves of each condition (tables of stage ``judge``)."""
    conditions, names = list(dict.fromkeys(rules.condition)), set(rules.learning_rule)
    matrices = [panels.ratios] if len(names) > 1 else []
    matrices += [panels.shares] if rules.gap_closed.notna().any() else []
    height, down = 0.9 + 0.34 * len(names), -(-len(conditions) // ACROSS)
    heights = [height] * len(matrices) + [0.5 + 2.0 * down]
    with style.look():
        figure = style.sheet(max(7.6, 2.0 + 0.95 * len(conditions)), sum(heights), dpi)
        *above, below = style.rows(figure, heights)
        axes = [panel(part.subplots(), rules) for panel, part in zip(matrices, above, strict=True)]
        for ax, condition in zip(style.tiles(below, len(conditions), ACROSS), conditions, strict=True):
            own = published[published.condition == condition]
            axes.append(panels.waiting(ax, waiting[waiting.condition == condition], own))
        style.rule_legend(below, names)
        style.letters(axes)
    return figure
