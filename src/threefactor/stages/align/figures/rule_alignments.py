"""Draw rules against each other, and how much of the gradient the best polynomial rule can follow."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from threefactor.analysis.gradients import alignment as measured
from threefactor.analysis.gradients import subspace
from threefactor.experiment.work import Drawing, Inputs
from threefactor.plotting import alignment, style

HEADING = 4.4
INPUTS = {
    "alignment": "align/{learning_rule}/{batch}.csv",
    "similarity": "align/{learning_rule}/{batch}.similarity.csv",
}
READS = ("figures.dpi", "align.subspace_along", "metalearn.rules")

Found = dict[str, Any]


def draw(inputs: Inputs) -> Drawing:
    """Summarise the cosines of all pairs of rules, and of all rules at the same weights, and draw them."""
    table, similarity = inputs.joined("alignment"), inputs.joined("similarity")
    matrix, along = measured.matrix(similarity, table), inputs.settings.align.subspace_along
    chosen = table.learning_rule == along
    place = along if chosen.any() else str(table.learning_rule.iloc[0])
    same = measured.at_same_weights(table, place)
    best = subspace.best_rules(table[chosen], similarity[similarity.learning_rule == along])
    same = pd.concat([same, best]) if len(best) else same
    found = findings(matrix, same, place, list(inputs.settings.metalearn.rules))
    return Drawing(page(matrix, same, inputs.settings.figures.dpi), found)


def page(matrix: pd.DataFrame, same: pd.DataFrame, dpi: float) -> Figure:
    """Draw both panels.

    Parameters
    ----------
    matrix
        From `threefactor.analysis.gradients.alignment.matrix`.
    same
        From `at_same_weights` there, with the rows of `threefactor.analysis.gradients.subspace.best_rules`.
    dpi
        Resolution of what is rasterised.
    """
    with style.look():
        figure = style.sheet(7.6, 4.2, dpi)
        axes = figure.subplots(1, 2, width_ratios=(1.35, 1))
        alignment.matrix(axes[0], matrix) if len(matrix) else alignment.nothing(axes[0])
        alignment.at_same_weights(axes[1], same) if len(same) else alignment.nothing(axes[1])
        style.letters(axes)
    return figure


def findings(matrix: pd.DataFrame, same: pd.DataFrame, along: str, learned: Sequence[str]) -> Found:
    """Return the closest pairs, and what the best and the learned rules have of the gradient.

    Parameters
    ----------
    matrix, same
        See `page`.
    along
        The rule at whose weights ``same`` is.
    learned
        Learned rules.
    """
    pairs = matrix[np.isfinite(matrix.noise_corrected) & (matrix.second != "gradient")]
    pairs = pairs.sort_values("noise_corrected", ascending=False, kind="stable")
    rows = same.set_index("learning_rule")
    best = rows[rows.index.isin(subspace.FAMILIES) & rows.uncorrected.notna()]
    top = rows[rows.index.isin(learned) & rows.uncorrected.notna()].sort_values("uncorrected").iloc[-1:]
    shuffled = rows.uncorrected.get(measured.CONTROL)
    return {
        "resolved_pairs": len(pairs),
        "closest": [_pair(row) for _, row in pairs.iloc[:1].iterrows()],
        "least_aligned": [_pair(row) for _, row in pairs.iloc[-1:].iterrows()],
        "at_weights_of": along,
        "best_polynomial": [
            {"terms": int(row.terms), "is_odd": name == subspace.FAMILIES[0], **_cosines(row)}
            for name, row in best.iterrows()
        ],
        "best_learned": [{"rule": name, **_cosines(row)} for name, row in top.iterrows()],
        "shuffled": None if shuffled is None else float(shuffled),
    }


def _pair(row: pd.Series) -> Found:
    """Return two rules and their noise-corrected cosine."""
    return {
        "rules": [row["first"], row.second],
        "cosine": row.noise_corrected,
        "interval": [row.low, row.high],
    }


def _cosines(row: pd.Series) -> Found:
    """Return a rule's cosines with the gradient."""
    known = bool(np.isfinite(row.noise_corrected))
    corrected = {"cosine": row.noise_corrected, "interval": [row.low, row.high]}
    return {"uncorrected": row.uncorrected, "noise_corrected": corrected if known else None}
