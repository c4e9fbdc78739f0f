"""Every figure of the report, drawn from synthetic results."""

from collections.abc import Callable

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from figures import synthetic as made
from threefactor.analysis.families import distances
from threefactor.analysis.gradients import alignment, descent, estimators, omissions, span
from threefactor.analysis.gradients.accuracy import summary
from threefactor.analysis.landscape.quantiles import relative_spectrum
from threefactor.analysis.learning import coefficients
from threefactor.analysis.learning.learning_curve import curve
from threefactor.analysis.learning.search import savings
from threefactor.plotting.coefficients import Coefficients, Surface
from threefactor.plotting.pages import accuracy as accuracy_page
from threefactor.plotting.pages import alignment as pages
from threefactor.plotting.pages import differences, discovery, dynamics, meta_learning
from threefactor.plotting.pages import estimators as estimators_page
from threefactor.plotting.pages import families as families_page
from threefactor.plotting.pages import omissions as omissions_page
from threefactor.plotting.pages import recovery as recovery_page
from threefactor.plotting.pages import transfer as transfer_page
from threefactor.plotting.representation import CrossTemporal, Trajectories

DPI = 100
LEARNED = ("learned_theta33", "learned_random")


def learned_rules() -> Figure:
    theta = made.theta()
    names = ("start", "theta", "start_scaled", "theta_scaled")
    grids = [Coefficients(name, coefficients.as_grid(theta, name)) for name in names]
    axis = np.linspace(-1, 1, 21)
    surface = Surface("H", axis, axis, coefficients.growth(grids[0].grid, axis, axis))
    return discovery.learned_rules([(name, grids, [surface, surface]) for name in LEARNED], DPI)


def learning_curves() -> Figure:
    parts = [curve(*made.errors(rule), 100).assign(learning_rule=rule) for rule in made.RULES]
    return differences.learning_curves(pd.concat(parts), dict.fromkeys(made.RULES, made.NETWORKS), 0.5, DPI)


def trajectories() -> Figure:
    trial_types, points = ("aa", "ab", "ba", "bb"), np.array([[0.2, 0.1, 0.0], [-0.5, 0.3, 0.0]])
    found = []
    for rule in made.ANALYSED:
        path = 0.3 * made.draws(rule).normal(size=(4, 50, 3)).cumsum(1)
        found.append(
            Trajectories(
                rule, 3, path, np.array([0.4, 0.2, 0.1]), trial_types, points, np.array([True, False])
            )
        )
    return differences.trajectories(found, DPI)


def codes() -> Figure:
    time = np.arange(20, 1001, 20.0)
    matrix = 0.5 + 0.5 * np.exp(-(((time[:, None] - time) / 200) ** 2))
    across, table = [CrossTemporal(r, time, matrix, 0.5) for r in made.ANALYSED], made.decoding()
    return differences.codes(table, across, dict.fromkeys(table.variable, 0.5), made.PERIODS, DPI)


def landscape() -> Figure:
    table, spectrum = made.networks(), made.spectrum()
    own = [spectrum[(spectrum.learning_rule == r) & (spectrum.network == 0)] for r in made.ANALYSED]
    analysed = table[table.analysed]
    return differences.landscape(analysed, relative_spectrum(spectrum), own, made.fixed_points(), DPI)


def omitted() -> Figure:
    table = made.omissions()
    return omissions_page.page(omissions.by_term(table), omissions.by_window(table), omissions.WORDS, DPI)


def gradient_alignment() -> Figure:
    table = made.aligned()
    speed = alignment.against_speed(table, made.criterion())
    words = {"raw": "r = −0.50 [−0.90, 0.20]", "corrected": ""}
    along, types = alignment.along_training(table), alignment.by_type(table)
    return pages.gradient_alignment(along, types, speed, words, DPI)


def rule_alignments() -> Figure:
    table, similarity = made.aligned(), made.similarity()
    same = alignment.at_same_weights(table, "theta_33")
    same = pd.concat([same, span.ceiling(table, similarity)])
    return pages.rule_alignments(alignment.matrix(similarity, table), same, DPI)


def steps() -> Figure:
    table = made.descent()
    trial = pd.Series(1e-4, index=list(made.RULES))
    return pages.steps(descent.by_length(table), descent.reach(table), trial, DPI)


def estimated() -> Figure:
    tables, errors = zip(*(made.estimated(regime) for regime in ("weak", "strong")), strict=True)
    table, error = pd.concat(tables), pd.concat(errors)
    shares, biases, curves = estimators.shares(table), estimators.biases(table), estimators.curves(error)
    return estimators_page.page(shares, biases, curves, DPI)


def found() -> Figure:
    table, axis = made.distances(), np.linspace(-1, 1, 21)
    grid = coefficients.as_grid(made.theta(), "theta")
    surface = Surface("H", axis, axis, coefficients.growth(grid, axis, axis))
    matrices = (
        distances.matrix(table, made.FOUND, name) for name in ("theta_distance", "function_distance_learning")
    )
    data = families_page.Compared(
        made.members(), made.FOUND, *matrices, made.rank(), dict.fromkeys(LEARNED, surface)
    )
    return families_page.page(data, DPI)


def searched() -> Figure:
    curves = made.searched()
    return meta_learning.search(curves, savings(curves), DPI)


PICTURES: dict[str, Callable[[], Figure]] = {
    "meta_learning": lambda: meta_learning.page(
        {name: made.history(name) for name in LEARNED}, {name: made.held_out(name) for name in LEARNED}, DPI
    ),
    "search": searched,
    "learned_rules": learned_rules,
    "sparsity": lambda: families_page.sparsity({"learned_theta33": made.pruned()}, DPI),
    "families": found,
    "learning_speed": lambda: discovery.learning_speed(made.survival(), made.criterion(), DPI),
    "transfer": lambda: transfer_page.transfer(*made.judged(), DPI),
    "recovery": lambda: recovery_page.page(*made.recovered(), DPI),
    "plasticity_dynamics": lambda: dynamics.page(made.one_trial(), DPI),
    "tangent_accuracy": lambda: accuracy_page.page(summary(made.accuracy(), made.growth()), DPI),
    "omissions": omitted,
    "estimators": estimated,
    "gradient_alignment": gradient_alignment,
    "rule_alignments": rule_alignments,
    "descent": steps,
    "learning_curves": learning_curves,
    "trajectories": trajectories,
    "codes": codes,
    "landscape": landscape,
    "solution_space": lambda: differences.solution_space(
        made.embedding(), made.spread(), made.permanova(), DPI
    ),
}
