"""Draw the learning rules under every condition: ratios to theta_33, the gap closed, and learning over trials."""

import pandas as pd
from matplotlib.figure import Figure

from threefactor.analysis.solutions.learning_speed import REFERENCE
from threefactor.analysis.transfer.against_tuned import against_tuned
from threefactor.analysis.transfer.findings import compared_with_evolution, findings
from threefactor.declarations import TUNED_MARK
from threefactor.experiment.rule_classes import rivals_of_evolved
from threefactor.experiment.rules import informations
from threefactor.experiment.work import Drawing, Inputs
from threefactor.plotting import style, transfer

HEADING = 2.4
INPUTS = {
    "rules": "compare_conditions/rules.csv",
    "pairs": "compare_conditions/pairs.csv",
    "waiting": "compare_conditions/waiting.csv",
    "published": "compare_conditions/published.csv",
}
READS = (
    "figures.dpi",
    "compare_conditions.tuned",
    "compare_conditions.untuned",
    "compare_conditions.target_ratio",
    "metalearn.degree",
    "metalearn.rules",
    "plasticity.deviation",
    "plasticity.eligibility_time_ms",
    "plasticity.momentum",
    "plasticity.update_size",
    "task.name",
)

ACROSS = 4
"""Conditions in a row."""


def draw(inputs: Inputs) -> Drawing:
    """Draw the comparison, and sum up the rules that have access to the reward alone."""
    rules, waiting, published = (inputs.table(name) for name in ("rules", "waiting", "published"))
    settings = inputs.settings
    unchanged = [name for name in dict.fromkeys(rules.learning_rule) if not name.startswith(TUNED_MARK)]
    accesses = informations(unchanged)
    candidates = [name for name, access in accesses.items() if access == "reward" and name != REFERENCE]
    tuned, untuned = settings.compare_conditions.tuned, settings.compare_conditions.untuned
    found = findings(rules, published, candidates, tuned, untuned)
    evolution = compared_with_evolution(inputs.table("pairs"), rivals_of_evolved(settings))
    beside = against_tuned(rules, candidates, settings.compare_conditions.target_ratio)
    more = {"evolution": evolution, "against_tuned": beside}
    return Drawing(page(rules, waiting, published, settings.figures.dpi), {**found, **more})


def page(rules: pd.DataFrame, waiting: pd.DataFrame, published: pd.DataFrame, dpi: float) -> Figure:
    """Draw matrices of rules and conditions, and the Kaplan–Meier curves of each condition.

    Parameters
    ----------
    rules, waiting, published
        From `threefactor.analysis.transfer`.
    dpi
        Resolution of what is rasterised.
    """
    conditions, names = list(dict.fromkeys(rules.condition)), set(rules.learning_rule)
    matrices = [transfer.ratios] if len(names) > 1 else []
    matrices += [transfer.ratios_to_tuned] if "ratio_to_tuned" in rules else []
    matrices += [transfer.gaps_closed] if rules.gap_closed.notna().any() else []
    height, down = 0.9 + 0.34 * len(names), -(-len(conditions) // ACROSS)
    heights = [height] * len(matrices) + [0.5 + 2.0 * down]
    with style.look():
        figure = style.sheet(max(7.6, 2.0 + 0.95 * len(conditions)), sum(heights), dpi)
        *above, below = style.rows(figure, heights)
        axes = [panel(part.subplots(), rules) for panel, part in zip(matrices, above, strict=True)]
        for ax, condition in zip(style.tiles(below, len(conditions), ACROSS), conditions, strict=True):
            reported = published[published.condition == condition]
            axes.append(transfer.waiting(ax, waiting[waiting.condition == condition], reported))
        style.rule_legend(below, names)
        style.letters(axes)
    return figure
