"""Draw bias of the estimators of the meta-gradient, and their error by networks and seconds."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.lines import Line2D

from threefactor.analysis.gradients import estimator_summaries as measured
from threefactor.analysis.gradients.estimator_summaries import ENOUGH
from threefactor.analysis.gradients.estimators import NORM
from threefactor.experiment.work import Drawing, Inputs
from threefactor.plotting import estimators, style

HEADING = 4.2
INPUTS = {
    "estimators": "estimate/{plasticity_strength}.csv",
    "errors": "estimate/{plasticity_strength}.errors.csv",
}
READS = ("figures.dpi",)

UNKNOWN = "fewer than two networks\nhave finite estimates"

BIASED = ("score_total", "score_local_running")
"""Estimators with a bias that is known: it counts twice, and its baseline is a running average."""

OFFERED = ("reverse", "pathwise", "evolution", "score_local", "score_total")
"""Estimators that meta-learning can use."""

Found = dict[str, Any]


def draw(inputs: Inputs) -> Drawing:
    """Summarise the estimators at every strength of plasticity, and draw them."""
    table, errors = inputs.joined("estimators"), inputs.joined("errors")
    shares, biases, curves = measured.shares(table), measured.biases(table), measured.curves(errors)
    return Drawing(page(shares, biases, curves, inputs.settings.figures.dpi), findings(table, errors))


def page(shares: pd.DataFrame, biases: pd.DataFrame, curves: pd.DataFrame, dpi: float) -> Figure:
    """Draw all panels, a column per strength of plasticity.

    Parameters
    ----------
    shares, biases, curves
        From the functions of that name in `threefactor.analysis.gradients.estimator_summaries`.
    dpi
        Resolution of what is rasterised.
    """
    with style.look():
        figure = style.sheet(7.6, 10, dpi)
        strengths = list(dict.fromkeys(curves.plasticity_strength))
        if not strengths:
            style.nothing(figure.subplots(), UNKNOWN)
            return figure
        top, middle, bottom = style.rows(figure, (1, 1.25, 2))
        axes: list[Axes] = []
        for ax, strength in zip(_across(top, strengths), strengths, strict=True):
            part = shares[shares.plasticity_strength == strength]
            estimators.share(ax, part) if len(part) else style.nothing(ax, UNKNOWN)
            ax.set_title(f"Mean of score estimators, {strength}")
            axes.append(ax)
        for ax, strength in zip(_across(middle, strengths), strengths, strict=True):
            part = biases[(biases.plasticity_strength == strength) & biases.bias.notna()]
            estimators.bias(ax, part) if len(part) else style.nothing(ax, UNKNOWN)
            ax.set_title(f"Bias, {strength}")
            axes.append(ax)
        axes += _errors(bottom, curves, strengths)
        _legend(figure, curves)
        style.letters(axes)
    return figure


def findings(table: pd.DataFrame, errors: pd.DataFrame) -> Found:
    """Return biases, needs and failures, by strength of plasticity where nothing else is said.

    Parameters
    ----------
    table, errors
        Rows of ``estimate/<plasticity_strength>.csv`` and of ``estimate/<plasticity_strength>.errors.csv``, of all
        strengths.
    """
    norm = table[table.term == NORM]
    estimates = int(norm.networks.sum())
    if not estimates:
        return {"estimates": 0}
    longest, noise, shares = table.horizon.max(), table.noise.iloc[0], measured.shares(table)
    shares = shares[(shares.horizon == longest) & (shares.noise == noise)]
    last = table[table.horizon == longest]
    needs = measured.needed(last)
    first = needs[(needs.noise == noise) & needs.estimator.isin(OFFERED)]
    able = first[np.isfinite(first.seconds_needed)]
    best = able.loc[able.groupby("plasticity_strength", sort=False).seconds_needed.idxmin()]
    return {
        "estimates": estimates,
        "failed": int(norm.failed.sum()),
        "trials": int(longest),
        "networks": int(last.networks.max()),
        "share_of_gradient": {name: _shares(shares[shares.estimator == name]) for name in BIASED},
        "enough_error": ENOUGH,
        "needed": {name: _needs(part) for name in OFFERED if len(part := first[first.estimator == name])},
        "cheapest": dict(zip(best.plasticity_strength, best.estimator, strict=True)),
        "score_local_by_noise": _noise(needs),
        "reverse_clipped": _clipped(measured.curves(errors)),
    }


def _shares(rows: pd.DataFrame) -> Found:
    """Return the share of the gradient in an estimator's mean, and whether it differs from one."""
    return {
        row["plasticity_strength"]: {
            "share": row["share"],
            "interval": [row["share_low"], row["share_high"]],
            "differs_from_one": row["share_low"] > 1 or row["share_high"] < 1,
        }
        for row in rows.to_dict("records")
    }


def _needs(rows: pd.DataFrame) -> Found:
    """Return what an estimator needs for an error that is small enough."""
    return {
        row["plasticity_strength"]: {
            "networks": row["networks_needed"],
            "seconds": row["seconds_needed"],
            "bias_is_too_large": math.isinf(row["networks_needed"]),
        }
        for row in rows.to_dict("records")
    }


def _noise(needs: pd.DataFrame) -> Found | None:
    """Return what more weight noise does to the local score estimator; None for one noise alone."""
    least, most = needs.noise.min(), needs.noise.max()
    local = needs[(needs.estimator == "score_local") & (needs.noise == most)]
    local = local[np.isfinite(local.networks_needed)]
    if least == most or not len(local):
        return None
    networks = dict(zip(local.plasticity_strength, local.networks_needed, strict=True))
    return {"least_noise": least, "most_noise": most, "networks_at_most_noise": networks}


def _clipped(curves: pd.DataFrame) -> list[Found]:
    """Return the error of `reverse` with and without clipping, averaged over few and over many networks."""
    kept = curves[(curves.noise == curves.noise.iloc[0]) & (curves.estimator == "reverse")]
    kept = kept[kept.relative.notna() & (kept.networks > 1)]
    kept = kept[kept.networks.isin([kept.networks.min(), kept.networks.max()])]
    return [
        {
            "plasticity_strength": row.plasticity_strength,
            "networks": row.networks,
            "error_clipped": row.relative_clipped,
            "error": row.relative,
        }
        for row in kept.itertuples()
    ]


def _errors(figure: SubFigure, curves: pd.DataFrame, strengths: Sequence[str]) -> list[Axes]:
    """Draw errors by networks, and below by seconds."""
    grid = figure.subplots(2, len(strengths), squeeze=False, sharey=True)
    for row, across in zip(grid, ("networks", "seconds"), strict=True):
        for ax, strength in zip(row, strengths, strict=True):
            part = curves[(curves.plasticity_strength == strength) & (curves.relative > 0)]
            estimators.error(ax, part, across) if len(part) else style.nothing(ax, UNKNOWN)
            ax.set_title(f"Error by {across}, {strength}")
    return list(grid.flat)


def _across(row: SubFigure, strengths: Sequence[str]) -> list[Axes]:
    return list(row.subplots(1, len(strengths), squeeze=False, sharey=True)[0])


def _legend(figure: Figure, curves: pd.DataFrame) -> None:
    """Put one legend of estimators, baselines, noises and marks under the figure."""
    shown = [name for name in estimators.COLOURS if name in set(curves.estimator)]
    handles = [Line2D([], [], color=estimators.COLOURS[name], lw=2) for name in shown]
    words = [estimators.label(name) for name in shown]
    for at, noise in enumerate(dict.fromkeys(curves.noise)):
        handles.append(Line2D([], [], color="0.3", ls=estimators.LINES[at % len(estimators.LINES)], lw=1.2))
        words.append(f"weight noise × {noise:g}")
    for marker, word in (
        ("s", "running baseline (squares)"),
        ("D", "mean known without noise"),
        ("x", "clipped at the median norm"),
    ):
        handles.append(Line2D([], [], color="0.3", marker=marker, ls="", ms=4))
        words.append(word)
    figure.legend(handles, words, loc="outside lower center", ncols=4)
