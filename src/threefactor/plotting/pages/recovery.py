"""The page of known-rule recovery: every hidden rule's terms, and errors, intervals and findings by the size of noise."""

import pandas as pd
from matplotlib.figure import Figure

from threefactor.plotting import palette, recovery, style


def page(terms: pd.DataFrame, coverage: pd.DataFrame, dpi: float) -> Figure:
    """Draw a wide panel per hidden rule, and three below that all share (terms.csv, coverage.csv)."""
    with style.look():
        known = terms[terms.recovered.notna()]
        rules = list(dict.fromkeys(known.learning_rule))
        if not rules:
            figure = style.sheet(5, 2, dpi)
            style.nothing(figure.subplots(), "no hidden rule was recovered")
            return figure
        tall = 2.4 * len(rules)
        figure = style.sheet(9, tall + 2.7 * bool(len(coverage)), dpi)
        parts = style.rows(figure, (tall, 2.7)) if len(coverage) else style.rows(figure, (1,))
        axes = list(parts[0].subplots(len(rules), 1, squeeze=False)[:, 0])
        for ax, rule in zip(axes, rules, strict=True):
            recovery.coefficients(ax, known[known.learning_rule == rule])
            ax.set_title(f"{palette.label(rule)}, recovered (circles: terms that are found)")
        parts[0].legend(*axes[0].get_legend_handles_labels(), loc="outside right upper")
        if len(coverage):
            below = parts[1].subplots(1, 3)
            for ax, panel in zip(below, (recovery.error, recovery.coverage, recovery.found), strict=True):
                panel(ax, coverage)
            style.rule_legend(parts[1], rules)
            axes += list(below)
        style.letters(axes)
    return figure
