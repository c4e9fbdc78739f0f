"""Draw the learned rules: their coefficients, and the functions of rate and deviation that these define."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from threefactor.analysis.learning import coefficients as grids
from threefactor.experiment.rule_function import surface
from threefactor.experiment.work import Drawing, Inputs
from threefactor.plotting import coefficients, palette, style
from threefactor.plotting.coefficients import Coefficients, Surface

HEADING = 2.0
INPUTS = {"theta": "metalearn/{learned_rule}/theta.csv"}
READS = (
    "figures.dpi",
    "perturbation.kind",
    "perturbation.size",
    "perturbation.noise",
    "plasticity.deviation",
    "plasticity.deviation_floor",
    "plasticity.deviation_bound",
)

GRIDS = {
    "start": "raw θ, start",
    "theta": "raw θ, learned",
    "start_scaled": "scaled θ, start",
    "theta_scaled": "scaled θ, learned",
}

SURFACES = {"start": "H(r, Δx), start", "theta": "H(r, Δx), learned"}

Rule = tuple[str, Sequence[Coefficients], Sequence[Surface]]
"""Name of a learned rule, its grids of coefficients, and its functions."""


def draw(inputs: Inputs) -> Drawing:
    """Evaluate every learned rule, and draw it."""
    thetas = inputs.by("theta", "learned_rule")
    rules = [
        (
            name,
            [Coefficients(title, grids.as_grid(theta, column)) for column, title in GRIDS.items()],
            [surface(inputs.settings, theta, column, title) for column, title in SURFACES.items()],
        )
        for name, theta in thetas.items()
    ]
    found = {name: _finding(theta) for name, theta in thetas.items()}
    return Drawing(page(rules, inputs.settings.figures.dpi), {"rules": found})


def page(rules: Sequence[Rule], dpi: float) -> Figure:
    """Draw, a block per learned rule, its coefficients and its functions at the start and as learned."""
    with style.look():
        if not rules:
            figure = style.sheet(5, 2, dpi)
            style.nothing(figure.subplots(), "no rule was learned")
            return figure
        figure = style.sheet(8.4, 4.9 * len(rules), dpi)
        parts = style.rows(figure, [1.0] * len(rules))
        axes = []
        for part, (name, coefficients_of, surfaces) in zip(parts, rules, strict=True):
            part.suptitle(palette.label(name), color=palette.colour(name), fontsize=10, fontweight="bold")
            left, right = style.columns(part, (1.5, 1))
            for ax, grid in zip(left.subplots(2, 2).flat, coefficients_of, strict=True):
                axes.append(coefficients.grid(ax, grid))
            for ax, one in zip(right.subplots(2, 1), surfaces, strict=True):
                axes.append(coefficients.surface(ax, one))
        style.letters(axes)
    return figure


def _finding(theta: pd.DataFrame) -> dict[str, Any]:
    """Return the number of terms, and the largest scaled coefficient."""
    row = theta.iloc[int(theta.theta_scaled.abs().to_numpy().argmax())]
    return {
        "terms": len(theta),
        "largest": f"{row.k:.0f}{row.l:.0f}",
        "theta_scaled": float(row.theta_scaled),
    }
