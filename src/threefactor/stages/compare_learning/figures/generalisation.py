"""Draw what networks do beyond what they were trained on, and what they bring to the next task."""

import math

import pandas as pd
from matplotlib.figure import Figure

from threefactor.analysis.learning.generalisation import ERRORS
from threefactor.experiment.work import Drawing, Inputs
from threefactor.plotting import generalisation, style

HEADING = 5.6
INPUTS = {"generalisation": "compare_learning/generalisation.csv"}
READS = ("figures.dpi", "analyse.level", "generalise.next_task", "generalise.next_trials")

SHOWN = {
    "error": "as trained, noise-free",
    "error_known_noise": "known noise",
    "error_unseen_noise": "unseen noise",
    "error_longer_delay": "longer delay",
}
"""Columns of generalisation.csv in the first panel, and what they are called there."""


def draw(inputs: Inputs) -> Drawing:
    """Draw generalisation.csv."""
    table, settings = inputs.table("generalisation"), inputs.settings
    task = settings.generalise.next_task or "none"
    found = findings(table) | {
        "level": settings.analyse.level,
        "next_task": task,
        "next_trials": settings.generalise.next_trials,
    }
    return Drawing(page(table, task, settings.figures.dpi), found)


def findings(table: pd.DataFrame) -> dict[str, object]:
    """State what the table says of each rule: medians with quartiles, savings with an interval; None if unknown."""
    return {
        "rules": {
            row["learning_rule"]: {
                "networks": int(row["networks"]),
                **{
                    name: _known([row[f"{name}{end}"] for end in ("", "_low", "_high")])
                    for name in (*ERRORS, "savings")
                },
            }
            for row in table.to_dict("records")
        }
    }


def page(table: pd.DataFrame, task: str, dpi: float) -> Figure:
    """Draw the errors, the savings and what is retained; `dpi` is that of what is rasterised."""
    with style.look():
        figure = style.sheet(7.6, 1.2 + 0.32 * len(table), dpi)
        axes = list(figure.subplots(1, 3, width_ratios=(1.6, 1, 1)))
        generalisation.errors(axes[0], table, SHOWN)
        generalisation.savings(axes[1], table, task)
        generalisation.retained(axes[2], table)
        figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower left", ncols=len(SHOWN))
        style.letters(axes)
    return figure


def _known(values: list[float]) -> list[float] | None:
    """Return the values, or None where the first is unknown."""
    return None if math.isnan(values[0]) else values
