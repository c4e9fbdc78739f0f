"""Draw how soon fresh networks learn under every rule."""

import pandas as pd
from matplotlib.figure import Figure

from threefactor.experiment.rules import informations
from threefactor.experiment.work import Drawing, Inputs
from threefactor.plotting import learning_speed, style

HEADING = 2.3
INPUTS = {"survival": "compare_learning/survival.csv", "criterion": "compare_learning/criterion.csv"}
READS = ("figures",)

PANELS = learning_speed.reached, learning_speed.restricted_mean, learning_speed.ratio
"""Summaries of criterion.csv, below the curves."""

ESTIMATES = {
    "reached_fraction": ("reached_low", "reached_high"),
    "restricted_mean": ("restricted_mean_low", "restricted_mean_high"),
    "ratio_to_theta_33": ("ratio_low", "ratio_high"),
}
"""Columns of criterion.csv that have an interval."""


def draw(inputs: Inputs) -> Drawing:
    """Draw the curves and summaries of stage ``compare_learning``."""
    survival, criterion = inputs.table("survival"), inputs.table("criterion")
    return Drawing(page(survival, criterion, inputs.settings.figures.dpi), findings(criterion))


def findings(criterion: pd.DataFrame) -> dict[str, object]:
    """State what criterion.csv says of each rule: estimates as [value, low, high], and what the rule has access to."""
    about = informations(criterion.learning_rule)
    rules = {
        str(row.learning_rule): {
            "networks": int(row.networks),
            "reached": int(row.reached),
            "information": about[str(row.learning_rule)],
            **{name: [float(row[key]) for key in (name, *ends)] for name, ends in ESTIMATES.items()},
        }
        for _, row in criterion.iterrows()
    }
    return {"horizon": int(criterion.horizon.max()), "rules": rules}


def page(survival: pd.DataFrame, criterion: pd.DataFrame, dpi: float) -> Figure:
    """Draw survival.csv and criterion.csv; `dpi` is that of what is rasterised."""
    with style.look():
        figure = style.sheet(7.6, 5.6, dpi)
        top, below = style.rows(figure, (1.25, 1))
        curve = top.subplots()
        learning_speed.waiting(curve, survival)
        forest = below.subplots(1, 3)
        for ax, panel in zip(forest, PANELS, strict=True):
            panel(ax, criterion)
        counts = dict(zip(criterion.learning_rule, criterion.networks.astype(int), strict=True))
        style.rule_legend(top, criterion.learning_rule, counts)
        style.letters([curve, *forest])
    return figure
