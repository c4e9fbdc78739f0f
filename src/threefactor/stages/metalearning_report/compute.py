"""Draw what meta-learning did and found (stage ``found``): the outer loop, the rules, their families, their cost.

It needs the learned rules and their comparison alone, so that rules can be looked at without the rest of an experiment.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from threefactor.analysis.families import distances, words
from threefactor.analysis.learning import coefficients
from threefactor.analysis.learning.search import Sought, savings, searches
from threefactor.analysis.learning.search_words import search as search_words
from threefactor.experiment import build as assemble
from threefactor.experiment.rule_classes import kinds, search_of
from threefactor.pipeline.job import Job, by_folder
from threefactor.pipeline.storage.outputs import Output
from threefactor.plotting import palette, style
from threefactor.plotting.coefficients import Coefficients, Surface
from threefactor.plotting.pages import discovery, meta_learning
from threefactor.plotting.pages import families as pages

FUNCTION = "function_distance_learning"

GRIDS = {
    "start": "raw θ, start",
    "theta": "raw θ, learned",
    "start_scaled": "scaled θ, start",
    "theta_scaled": "scaled θ, learned",
}

Tables = Mapping[str, pd.DataFrame]


def compute(job: Job) -> dict[str, Output]:
    """Draw them.

    Outputs: the figures, ``savings`` (a row per rule that evolution learned and rule that derivatives did), ``finding``
    (what the numbers say, by the figure's name).
    """
    dpi = job.config.figures.dpi
    histories, thetas, held_out = (by_folder(job, name) for name in ("history", "theta", "held_out"))
    rows = [(name, _grids(theta), _surfaces(job, theta)) for name, theta in thetas.items()]
    curves = searches(held_out, _sought(job))
    saved = savings(curves)
    members, apart, rank = (
        job.table(job.inputs[f"families_{name}"][0]) for name in ("members", "distances", "rank")
    )
    members = members.fillna({"member": ""})
    pruned = {
        path.parent.name: (job.table(path), job.table(other))
        for path, other in zip(job.inputs["prune_path"], job.inputs["prune_worth"], strict=True)
    }
    figures = {
        "meta_learning": meta_learning.page(histories, held_out, dpi),
        "search": meta_learning.search(curves, saved, dpi),
        "learned_rules": discovery.learned_rules(rows, dpi),
        "families": pages.page(_compared(job, thetas, members, apart, rank), dpi),
        "sparsity": pages.sparsity(pruned, dpi),
    }
    said = {
        "search": search_words(saved),
        "families": words.families(members, apart, rank),
        "sparsity": words.sparsity(pruned),
    }
    return {
        **{name: style.without_empty_logarithms(page) for name, page in figures.items()},
        "savings": saved,
        "finding": said,
    }


def _sought(job: Job) -> dict[str, Sought]:
    """Say what each rule on the experiment's own task may be and where it started, and how it was sought."""
    rules = job.config.metalearn.rules
    return {
        name: Sought(kind, rules[name].estimator, search_of(job.config, name))
        for name, kind in kinds(job.config).items()
    }


def _compared(
    job: Job, tables: Tables, members: pd.DataFrame, apart: pd.DataFrame, rank: pd.DataFrame
) -> pages.Compared:
    """Put rules of one cluster side by side."""
    names = list(members.sort_values("cluster", kind="stable").learning_rule)
    surfaces = {
        name: _surface(job, tables[name], "theta", palette.label(name))
        for name in filter(tables.__contains__, names)
    }
    theta, function = (distances.matrix(apart, names, column) for column in ("theta_distance", FUNCTION))
    return pages.Compared(members, names, theta, function, rank, surfaces)


def _grids(theta: pd.DataFrame) -> list[Coefficients]:
    """Put the coefficients of a rule on grids: raw and scaled, start and end."""
    return [Coefficients(title, coefficients.as_grid(theta, name)) for name, title in GRIDS.items()]


def _surfaces(job: Job, theta: pd.DataFrame) -> list[Surface]:
    """Evaluate a rule at its start and at its end."""
    titles = {"start": "H(r, Δx), start", "theta": "H(r, Δx), learned"}
    return [_surface(job, theta, name, title) for name, title in titles.items()]


def _surface(job: Job, theta: pd.DataFrame, column: str, title: str) -> Surface:
    """Evaluate a rule within the size of a kick, or three times that of noise, in units of its deviation."""
    raw, own = assemble.deviation_of(job.config, theta) == "raw", job.config.perturbation
    reach = own.size if own.kind == "kicks" else 3 * own.noise
    largest = reach / (1 if raw else job.config.plasticity.deviation_floor)
    rate, deviation = (size * np.linspace(-1, 1, 61) for size in (1, largest))
    growth = coefficients.growth(coefficients.as_grid(theta, column), rate, deviation)
    return Surface(title, rate, deviation, growth, "no unit" if raw else "running rms")
