"""Draw what steps along expected updates change, and how far the gradient predicts it."""

from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from threefactor.analysis.gradients import alignment
from threefactor.analysis.gradients import descent as measured
from threefactor.experiment.work import Drawing, Inputs
from threefactor.plotting import descent, style

HEADING = 4.5
INPUTS = {
    "descent": "align/{learning_rule}/{batch}.descent.csv",
    "alignment": "align/{learning_rule}/{batch}.csv",
}
READS = ("figures.dpi",)

Found = dict[str, Any]


def draw(inputs: Inputs) -> Drawing:
    """Summarise the steps of all rules, and draw them."""
    table, updates = inputs.joined("descent"), alignment.own(inputs.joined("alignment"))
    trial = updates[updates.trial_type == alignment.ALL].groupby("learning_rule").update_norm.mean()
    lengths, reach = measured.by_length(table), measured.reach(table)
    return Drawing(page(lengths, reach, trial, inputs.settings.figures.dpi), findings(lengths, reach, trial))


def page(lengths: pd.DataFrame, reach: pd.DataFrame, trial: pd.Series, dpi: float) -> Figure:
    """Draw all panels.

    Parameters
    ----------
    lengths, reach
        From `by_length` and `reach` of `threefactor.analysis.gradients.descent`.
    trial
        Length of a trial's expected update by rule, in norms of W.
    dpi
        Resolution of what is rasterised.
    """
    with style.look():
        figure = style.sheet(7.6, 3.6, dpi)
        axes = figure.subplots(1, 3, width_ratios=(1, 1, 1))
        descent.change(axes[0], lengths)
        descent.ratio(axes[1], lengths)
        descent.reach(axes[2], reach, trial)
        style.letters(axes)
        style.rule_legend(figure, lengths.learning_rule)
    return figure


def findings(lengths: pd.DataFrame, reach: pd.DataFrame, trial: pd.Series) -> Found:
    """Return how often steps help and how far they are predicted, in norms of the weights; see `page`."""
    own = reach[(reach.direction == reach.learning_rule) & reach.helped.notna()]
    holds = own[np.isfinite(own.reach)].set_index("learning_rule").reach
    along_gradient = reach[(reach.direction == descent.GRADIENT) & np.isfinite(reach.reach)].reach
    longest = float(lengths.step.max()) if len(lengths) else None
    return {
        "networks": [int(lengths.networks.min()), int(lengths.networks.max())] if len(lengths) else None,
        "shortest_step": float(lengths.step.min()) if len(lengths) else None,
        "longest_step": longest,
        "share_helped_by_shortest_step": dict(zip(own.learning_rule, own.helped, strict=True)),
        "reach": _ends(holds),
        "reach_is_at_least_the_longest_step": bool(len(holds) and holds.max() >= longest),
        "reach_in_updates_of_a_trial": _ends((holds / trial).dropna()),
        "reach_along_gradient": float(along_gradient.median()) if len(along_gradient) else None,
    }


def _ends(values: pd.Series) -> Found | None:
    """Return the rules with the smallest and the largest value; None without any."""
    if not len(values):
        return None
    ordered = values.sort_values(kind="stable")
    ends = {"least": ordered.iloc[:1], "most": ordered.iloc[-1:]}
    return {end: {"rule": one.index[0], "value": float(one.iloc[0])} for end, one in ends.items()}
