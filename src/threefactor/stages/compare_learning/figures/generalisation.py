"""Draw what networks do beyond what they were trained on, how they differ there, and what they bring to the next task."""

import math

import pandas as pd
from matplotlib.figure import Figure

from threefactor.analysis.learning.generalisation import BEYOND, ERRORS
from threefactor.experiment.work import Drawing, Inputs
from threefactor.plotting import generalisation, style

HEADING = 5.7
INPUTS = {"generalisation": "compare_learning/generalisation.csv"}
READS = ("figures.dpi", "analyse.level", "generalise.next_task", "generalise.next_trials")

SHOWN = {
    "error": "as trained",
    "error_known_noise": "known noise",
    **{name: name.removeprefix("error_").replace("_", " ") for name in BEYOND},
}
"""Columns of generalisation.csv in the first panel, and what they are called there."""

STATED = (*ERRORS, "degeneracy", "savings")


def draw(inputs: Inputs) -> Drawing:
    """Draw generalisation.csv."""
    table, settings = inputs.table("generalisation"), inputs.settings
    task, level = settings.generalise.next_task or "none", settings.analyse.level
    found = findings(table[table.level == level]) | {
        "level": level,
        "next_task": task,
        "next_trials": settings.generalise.next_trials,
    }
    return Drawing(page(table, level, task, settings.figures.dpi), found)


def findings(table: pd.DataFrame) -> dict[str, object]:
    """State what a level's rows say of each rule: medians with quartiles, the rest with intervals; None if unknown."""
    return {
        "rules": {
            row["learning_rule"]: {
                "networks": int(row["networks"]),
                **{name: _known([row[f"{name}{end}"] for end in ("", "_low", "_high")]) for name in STATED},
            }
            for row in table.to_dict("records")
        }
    }


def page(table: pd.DataFrame, level: float, task: str, dpi: float) -> Figure:
    """Draw errors and the next task at one level, and degeneracy at all; `dpi` is that of what is rasterised."""
    one = table[table.level == level]
    with style.look():
        figure = style.sheet(7.6, 2.6 + 0.36 * len(one), dpi)
        above, below = style.rows(figure, (1.2, 1))
        axes = list(above.subplots(1, 2, width_ratios=(2.4, 1)))
        axes += list(below.subplots(1, 3, width_ratios=(1.2, 1, 1)))
        generalisation.conditions(axes[0], one, SHOWN)
        generalisation.beyond(axes[1], one)
        generalisation.degeneracy(axes[2], table)
        generalisation.savings(axes[3], one, task)
        generalisation.retained(axes[4], one)
        handles = axes[2].get_legend_handles_labels()
        figure.legend(*handles, loc="outside lower left", ncols=len(handles[0]))
        style.letters(axes)
    return figure


def _known(values: list[float]) -> list[float | None] | None:
    """Return a value and its ends, unknown ones None, or None where the value itself is unknown."""
    known = [None if math.isnan(value) else value for value in values]
    return None if known[0] is None else known
