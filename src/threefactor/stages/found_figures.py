"""The figures of what was found, each with the finding that its numbers state (part of stage ``figures``)."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from threefactor.analysis.families import distances, words
from threefactor.analysis.learning import coefficients
from threefactor.figures import palette
from threefactor.figures.coefficients import Surface
from threefactor.figures.pages import families as pages
from threefactor.stages.job import Job

FUNCTION = "function_distance_learning"


def draw(job: Job) -> tuple[dict[str, Figure], dict[str, str]]:
    """Draw them; figures and findings by the figure's name."""
    members, apart, rank = (
        job.table(job.inputs[f"families_{name}"][0]) for name in ("members", "distances", "rank")
    )
    members = members.fillna({"member": ""})
    figure = pages.page(compared(job, members, apart, rank), job.config.figures.dpi)
    pruned = {
        path.parent.name: (job.table(path), job.table(other))
        for path, other in zip(job.inputs["prune_path"], job.inputs["prune_worth"], strict=True)
    }
    figures = {"families": figure, "sparsity": pages.sparsity(pruned, job.config.figures.dpi)}
    return figures, {"families": words.families(members, apart, rank), "sparsity": words.sparsity(pruned)}


def compared(job: Job, members: pd.DataFrame, apart: pd.DataFrame, rank: pd.DataFrame) -> pages.Compared:
    """Put rules of one cluster side by side."""
    names = list(members.sort_values("cluster", kind="stable").learning_rule)
    tables = {path.parent.name: job.table(path) for path in job.inputs["theta"]}
    rate, kick = np.linspace(-1, 1, 41), job.config.perturbation.size * np.linspace(-1, 1, 41)
    surfaces = {}
    for name in filter(tables.__contains__, names):
        growth = coefficients.growth(coefficients.as_grid(tables[name], "theta"), rate, kick)
        surfaces[name] = Surface(palette.label(name), rate, kick, growth)
    theta, function = (distances.matrix(apart, names, column) for column in ("theta_distance", FUNCTION))
    return pages.Compared(members, names, theta, function, rank, surfaces)
