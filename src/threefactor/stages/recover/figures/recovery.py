"""Draw parameter recovery: the terms of every ground-truth rule, and errors and coverage by the size of noise."""

import pandas as pd
from matplotlib.figure import Figure

from threefactor.analysis.recovery.findings import findings
from threefactor.experiment.work import Drawing, Inputs
from threefactor.plotting import palette, recovery, style

HEADING = 2.5
INPUTS = {"terms": "recover/terms.csv", "coverage": "recover/coverage.csv"}
READS = ("figures.dpi",)


def draw(inputs: Inputs) -> Drawing:
    """Draw every recovered rule."""
    terms, coverage = inputs.table("terms"), inputs.table("coverage")
    return Drawing(page(terms, coverage, inputs.settings.figures.dpi), findings(terms, coverage))


def page(terms: pd.DataFrame, coverage: pd.DataFrame, dpi: float) -> Figure:
    """Draw a wide panel per ground-truth rule, and three below that all rules share."""
    with style.look():
        known = terms[terms.recovered.notna()]
        rules = list(dict.fromkeys(known.learning_rule))
        if not rules:
            figure = style.sheet(5, 2, dpi)
            style.nothing(figure.subplots(), "no rule was recovered")
            return figure
        tall = 2.4 * len(rules)
        figure = style.sheet(9, tall + 2.7 * bool(len(coverage)), dpi)
        parts = style.rows(figure, (tall, 2.7)) if len(coverage) else style.rows(figure, (1,))
        axes = list(parts[0].subplots(len(rules), 1, squeeze=False)[:, 0])
        for ax, rule in zip(axes, rules, strict=True):
            recovery.coefficients(ax, known[known.learning_rule == rule])
            ax.set_title(f"{palette.label(rule)}, recovered (circles: found)")
        parts[0].legend(*axes[0].get_legend_handles_labels(), loc="outside right upper")
        if len(coverage):
            below = parts[1].subplots(1, 3)
            for ax, panel in zip(below, (recovery.error, recovery.coverage, recovery.found), strict=True):
                panel(ax, coverage)
            style.rule_legend(parts[1], rules)
            axes += list(below)
        style.letters(axes)
    return figure
