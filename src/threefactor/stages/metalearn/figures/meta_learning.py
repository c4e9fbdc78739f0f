"""Draw the outer loop: objective, score on held-out networks, meta-gradient and coefficients along the steps."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from threefactor.experiment.work import Drawing, Inputs
from threefactor.plotting import outer_loop, style

HEADING = 1.0
INPUTS = {
    "history": "metalearn/{learned_rule}/history.csv",
    "held_out": "metalearn/{learned_rule}/held_out.csv",
}
READS = ("figures.dpi",)

Tables = Mapping[str, pd.DataFrame]


def draw(inputs: Inputs) -> Drawing:
    """Draw the outer loop of every learned rule."""
    histories, scores = (inputs.by(name, "learned_rule") for name in ("history", "held_out"))
    found = {rule: _finding(table, scores[rule]) for rule, table in histories.items()}
    return Drawing(page(histories, scores, inputs.settings.figures.dpi), {"rules": found})


def page(histories: Tables, scores: Tables, dpi: float) -> Figure:
    """Draw four panels of all rules, and a row of two for each rule.

    Parameters
    ----------
    histories, scores
        ``history.csv`` and ``held_out.csv`` of each learned rule.
    dpi
        Resolution of what is rasterised.
    """
    with style.look():
        if not histories or any(table.empty for table in histories.values()):
            figure = style.sheet(5, 2, dpi)
            style.nothing(figure.subplots(), "the outer loop made no step")
            return figure
        count = len(histories)
        figure = style.sheet(7.6, 5.0 + 2.3 * count, dpi)
        top, below = style.rows(figure, (5.0, 2.3 * count))
        first = list(top.subplots(2, 2).flat)
        outer_loop.objective(first[0], histories)
        outer_loop.held_out(first[1], scores)
        outer_loop.gradient_norm(first[2], histories)
        outer_loop.clipped(first[3], histories)
        rest = below.subplots(count, 2, squeeze=False)
        for row, learned in zip(rest, histories.items(), strict=True):
            outer_loop.coefficients(row[0], learned)
            outer_loop.z_scores(row[1], learned)
        style.rule_legend(top, histories)
        style.letters([*first, *rest.flat])
    return figure


def _finding(history: pd.DataFrame, scores: pd.DataFrame) -> dict[str, Any]:
    """Return steps and learning runs of one rule, and its score on held-out networks at the start and as taken."""
    found: dict[str, Any] = {"steps": len(history), "learning_runs": 0, "held_out": None}
    if len(history):
        found["learning_runs"] = int(history.trials.iloc[0] // history.trials_per_network.iloc[0])
    if len(scores):
        taken = scores[scores.kept.astype(bool)]
        found["held_out"] = {
            "networks": int(scores.networks.iloc[0]),
            "at_start": float(scores.smoothed_error_rate.iloc[0]),
            "taken": float(taken.smoothed_error_rate.iloc[0]) if len(taken) else None,
        }
    return found
