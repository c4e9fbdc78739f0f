"""Compare how fast, how far and how stably networks learn by each rule, every retrained network counted."""

import pandas as pd

from threefactor import seeding
from threefactor.analysis.learning.endings import along_table, endings_table
from threefactor.analysis.learning.generalisation import generalisation_table
from threefactor.analysis.learning.levels import level_survival_table, levels_by_gain, levels_table
from threefactor.analysis.learning.rules_table import RuleFacts, rules_table
from threefactor.analysis.solutions import learning_speed
from threefactor.analysis.solutions.bootstrap import resample_counts
from threefactor.experiment import rules
from threefactor.experiment.constants import with_constants
from threefactor.experiment.view import value_at
from threefactor.experiment.work import Results, Work
from threefactor.plotting import palette

TRACKED = ("reached_fraction", "restricted_mean", "ratio_to_theta_33")


def compute(work: Work) -> Results:
    """Compare them.

    Outputs: ``criterion`` (a row per rule) and ``survival`` (Kaplan–Meier curves), of the weak criterion; ``levels`` (a
    row per rule and level), ``levels_by_gain`` and ``level_survival``, of the noise-free error; ``along`` (a row per rule
    and evaluation); ``endings`` and ``generalisation`` (a row per rule); ``table`` (a row per rule, for readers).
    """
    settings = work.settings
    networks, levels, evaluations = (work.joined(name) for name in ("networks", "levels", "evaluations"))
    source = seeding.generator(settings.seed, "compare_learning", "bootstrap")
    count, draws = int(networks.network.max()) + 1, settings.compare_learning.bootstraps
    counts = resample_counts(count, draws, generator=source)
    by_level = levels_table(levels, networks, settings.retrain.horizon, counts)
    endings = endings_table(evaluations, networks)
    outputs = {
        "criterion": learning_speed.criterion_table(networks, settings.criterion.horizon, counts),
        "survival": learning_speed.survival_table(networks),
        "levels": by_level,
        "levels_by_gain": levels_by_gain(levels, networks, settings.retrain.horizon, counts),
        "level_survival": level_survival_table(levels),
        "along": along_table(evaluations),
        "endings": endings,
        "generalisation": generalisation_table(work.joined("generalised"), counts),
        "table": rules_table(_facts(work), by_level, endings).to_html(index=False, border=0),
    }
    return Results(outputs, _metrics(by_level))


def _facts(work: Work) -> dict[str, RuleFacts]:
    """Gather what is known of each rule, its constants as retraining has them."""
    tuned, found = work.by("tuned", "tuned_rule"), {}
    for rule in work.settings.retrain.rules:
        about, own = rules.about(rule), with_constants(work.settings, rule, tuned.get(rule))
        constants = {key: float(value_at(own, key)) for key in rules.tuned_keys(rule)}
        found[rule] = RuleFacts(
            palette.label(rule), about.information, about.is_local, about.source, constants
        )
    return found


def _metrics(levels: pd.DataFrame) -> dict[str, float]:
    """Return how soon each rule gets to each level, to be tracked."""
    return {
        f"{name}.level_{row['level']:g}.{row['learning_rule']}": float(row[name])
        for row in levels.to_dict("records")
        for name in TRACKED
    }
