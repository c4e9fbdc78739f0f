"""Draw what the meta-gradient loses by each term that is left out of it, and by truncation."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from threefactor.analysis.gradients import ablation as measured
from threefactor.experiment.work import Drawing, Inputs
from threefactor.plotting import ablation, palette, style

HEADING = 4.1
INPUTS = {"ablation": "ablation/ablation.csv"}
READS = ("figures.dpi", "plasticity.warm_up_trials")

Found = dict[str, Any]


def draw(inputs: Inputs) -> Drawing:
    """Pick the rows that are shown, and draw them."""
    table, settings = inputs.table("ablation"), inputs.settings
    drawn = page(measured.by_term(table), measured.by_window(table), settings.figures.dpi)
    return Drawing(drawn, findings(table, settings.plasticity.warm_up_trials))


def page(terms: pd.DataFrame, windows: pd.DataFrame, dpi: float) -> Figure:
    """Draw the ablated terms, their error over the trials of learning, and truncation.

    Parameters
    ----------
    terms, windows
        From `by_term` and `by_window` of `threefactor.analysis.gradients.ablation`.
    dpi
        Resolution of what is rasterised.
    """
    with style.look():
        rules = palette.ordered(terms[terms.error.notna()].learning_rule)
        if not rules:
            figure = style.sheet(5, 2, dpi)
            style.nothing(figure.subplots(), "in no network was the meta-gradient finite")
            return figure
        rows = -(-len(rules) // 2)
        figure = style.sheet(7.6, 6.4 + 2.6 * rows, dpi)
        top, middle, below = style.rows(figure, (3.5, 2.6 * rows + 0.4, 2.6))
        axes = [*_terms(top, terms), *_horizons(middle, terms, rules), *_windows(below, windows)]
        counts = terms.groupby("learning_rule").networks.max()
        style.rule_legend(top, rules, {str(rule): int(n) for rule, n in counts.items()})
        style.letters(axes)
    return figure


def findings(table: pd.DataFrame, warm_up: int) -> Found:
    """Return what each ablation costs at the last horizon, rule by rule, and whether rounding matters beside it.

    Parameters
    ----------
    table
        ablation.csv.
    warm_up
        Trials at the start of a learning run in which nothing is learned.
    """
    rules = {str(rule): _rule(table, str(rule)) for rule in dict.fromkeys(table.learning_rule)}
    floor, is_far_below = measured.rounding(table)
    return {
        "trials_of_plasticity": int(table.horizon.max()) - warm_up if len(table) else 0,
        "rules": {rule: found for rule, found in rules.items() if found},
        "rounding": {"error": floor, "is_far_below_all_errors": is_far_below},
    }


def _rule(table: pd.DataFrame, rule: str) -> Found | None:
    """Return the costs under one rule; None without a finite gradient."""
    median, average = (measured.at_last_horizon(table, rule, pool) for pool in measured.POOLS)
    terms = measured.terms_of(median)
    if not len(terms):
        return None
    order = terms.sort_values("error", ascending=False, kind="stable")
    costs = [
        {"without": ablation.LABELS[str(name)], "error": row.error, "cosine": row.cosine}
        for name, row in order.iterrows()
    ]
    return {
        "clipped_share_of_updates": float(terms.clipped.iloc[0]),
        "networks": int(terms.networks.min()),
        "networks_failed": int(terms.failed.max()),
        "median_network": costs,
        "interval_of_largest_error": [float(order.error_low.iloc[0]), float(order.error_high.iloc[0])],
        "has_interval": bool(np.isfinite(order.error_low.iloc[0])),
        "outer_loop_average": _average(measured.terms_of(average)),
        "truncation": _truncation(measured.windows_of(median), average),
    }


def _average(terms: pd.DataFrame) -> Found | None:
    """Return where the direction that the outer loop follows suffers most."""
    worst = terms.nsmallest(2, "cosine")
    if not len(worst):
        return None
    first = worst.iloc[0]
    following = float(worst.cosine.iloc[-1])
    return {
        "without": ablation.LABELS[str(worst.index[0])],
        "cosine": float(first.cosine),
        "interval": [float(first.cosine_low), float(first.cosine_high)],
        "has_interval": bool(np.isfinite(first.cosine_low)),
        "is_told_from_the_next": not first.cosine_high >= following > first.cosine,
    }


def _truncation(windows: pd.DataFrame, average: pd.DataFrame) -> Found | None:
    """Return what truncation costs the median network, and the average that the outer loop follows."""
    if not len(windows):
        return None
    cosines = average.reindex(windows.index).cosine
    return {
        "updates": [int(m) for m in windows.window],
        "errors": windows.error.tolist(),
        "cosines": windows.cosine.tolist(),
        "cosines_of_outer_loop_average": None if cosines.isna().any() else cosines.tolist(),
    }


def _terms(figure: SubFigure, terms: pd.DataFrame) -> list[Axes]:
    """Draw error and cosine of each ablated term at the last horizon."""
    axes = list(figure.subplots(1, 2, sharey=True))
    last = terms[terms.horizon == terms.horizon.max()]
    for ax, quantity in zip(axes, ablation.QUANTITIES, strict=True):
        ablation.by_term(ax, last, quantity)
    return axes


def _horizons(figure: SubFigure, terms: pd.DataFrame, rules: Sequence[str]) -> list[Axes]:
    """Draw the error over the trials of learning, a panel per rule."""
    axes = style.tiles(figure, len(rules), 2)
    for ax, rule in zip(axes, rules, strict=True):
        ablation.against_horizon(ax, terms[terms.learning_rule == rule])
        if ax is not axes[0]:
            ax.sharey(axes[0])
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return axes


def _windows(figure: SubFigure, windows: pd.DataFrame) -> list[Axes]:
    """Draw error and cosine of truncation."""
    axes = list(figure.subplots(1, 2))
    for ax, quantity in zip(axes, ablation.QUANTITIES, strict=True):
        ablation.against_window(ax, windows, quantity)
    axes[0].legend(handles=ablation.pool_handles(), loc="lower left")
    return axes
