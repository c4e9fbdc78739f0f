"""Draw how well rules follow the gradient, and that beside their speed."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from threefactor.analysis.gradients import alignment as measured
from threefactor.experiment.rules import informations
from threefactor.experiment.work import Drawing, Inputs
from threefactor.plotting import alignment, style

HEADING = 4.3
INPUTS = {"alignment": "align/{learning_rule}/{batch}.csv", "criterion": "compare_learning/criterion.csv"}
READS = ("figures.dpi",)

COLUMNS = ("uncorrected", "noise_corrected")

Found = dict[str, Any]
Fits = Mapping[str, Mapping[str, float]]


def draw(inputs: Inputs) -> Drawing:
    """Summarise each rule's own update, and draw it beside the rule's speed."""
    table = inputs.joined("alignment")
    speed = measured.against_speed(table, inputs.table("criterion"))
    known = informations(speed.learning_rule)
    exact = [rule for rule, information in known.items() if information == "gradient"]
    fits = {column: measured.correlation(speed, column) for column in COLUMNS}
    without = {column: measured.correlation(speed, column, without=exact) for column in COLUMNS}
    along, types = measured.along_training(table), measured.by_type(table)
    drawn = page(along, types, speed, fits, without, inputs.settings.figures.dpi)
    return Drawing(drawn, findings(measured.per_rule(table), types, fits, without, exact))


def page(
    along: pd.DataFrame, types: pd.DataFrame, speed: pd.DataFrame, fits: Fits, without: Fits, dpi: float
) -> Figure:
    """Draw all panels.

    Parameters
    ----------
    along, types, speed
        From `along_training`, `by_type` and `against_speed` of `threefactor.analysis.gradients.alignment`.
    fits, without
        From `correlation` there, by column of the cosine: of all rules, and without those that have access to the
        gradient.
    dpi
        Resolution of what is rasterised.
    """
    with style.look():
        figure = style.sheet(7.6, 5.6, dpi)
        grid = figure.add_gridspec(2, 6)
        spots = [grid[0, :2], grid[0, 2:4], grid[0, 4:], grid[1, :3], grid[1, 3:]]
        axes = [figure.add_subplot(spot) for spot in spots]
        panels = ((alignment.along, along), (alignment.types, types), (alignment.signs, along))
        for ax, (panel, data) in zip(axes, panels, strict=False):
            panel(ax, data) if len(data) else alignment.nothing(ax)
        for ax, column in zip(axes[3:], COLUMNS, strict=True):
            if len(speed):
                alignment.speed(ax, speed, column, fits[column], without[column])
            else:
                alignment.nothing(ax)
        style.letters(axes)
        counts = {str(rule): int(n) for rule, n in zip(speed.learning_rule, speed.networks, strict=True)}
        style.rule_legend(figure, [*along.learning_rule, *speed.learning_rule], counts)
    return figure


def findings(rules: pd.DataFrame, types: pd.DataFrame, fits: Fits, without: Fits, exact: list[str]) -> Found:
    """Return the cosines of all rules with the gradient, and their correlation with speed.

    Parameters
    ----------
    rules, types
        From `per_rule` and `by_type` of `threefactor.analysis.gradients.alignment`.
    fits, without
        See `page`.
    exact
        Rules that have access to the gradient.
    """
    seen = rules[rules.uncorrected.notna()]
    resolved = seen[np.isfinite(seen.noise_corrected)]
    kept = types[types.learning_rule.isin(resolved.learning_rule)]
    within = measured.within_types(kept)
    gated = kept[(kept.trial_type == measured.WEIGHTED) & kept.noise_corrected.notna()]
    return {
        "uncorrected": dict(zip(seen.learning_rule, seen.uncorrected, strict=True)),
        "noise_corrected": _by_rule(resolved),
        "networks": int(resolved.networks.max()) if len(resolved) else 0,
        "hidden_by_noise": [rule for rule in seen.learning_rule if rule not in set(resolved.learning_rule)],
        "noise_corrected_within_trial_types": {str(rule): float(mean) for rule, mean in within.items()},
        "noise_corrected_with_gated_gradients": _by_rule(gated),
        "rules_with_access_to_gradient": exact,
        "correlation_with_log_trials": {
            column: {"all_rules": _fit(fits[column]), "without_access_to_gradient": _fit(without[column])}
            for column in COLUMNS
        },
    }


def _by_rule(rows: pd.DataFrame) -> Found:
    """Return noise-corrected cosines with their intervals."""
    return {
        row["learning_rule"]: {"cosine": row["noise_corrected"], "interval": [row["low"], row["high"]]}
        for row in rows.to_dict("records")
    }


def _fit(fit: Mapping[str, float]) -> Found | None:
    """Return a correlation; None where it is not known."""
    if not np.isfinite(fit["estimate"]):
        return None
    return {"rules": fit["rules"], "r": fit["estimate"], "interval": [fit["low"], fit["high"]]}
