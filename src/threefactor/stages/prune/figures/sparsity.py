"""Draw what each term of the pruned rules contributes, and the path from dense to sparse."""

from collections.abc import Mapping

import pandas as pd
from matplotlib.figure import Figure

from threefactor.analysis.families import findings
from threefactor.experiment.work import Drawing, Inputs
from threefactor.plotting import families, style

HEADING = 2.1
INPUTS = {
    "path": "prune/{learned_rule}/path.csv",
    "contributions": "prune/{learned_rule}/contributions.csv",
}
READS = ("figures.dpi",)

Tables = Mapping[str, pd.DataFrame]


def draw(inputs: Inputs) -> Drawing:
    """Draw every pruned rule."""
    paths, contributions = (inputs.by(name, "learned_rule") for name in ("path", "contributions"))
    found = {rule: findings.sparsity(path, contributions[rule]) for rule, path in paths.items()}
    return Drawing(page(paths, contributions, inputs.settings.figures.dpi), {"rules": found})


def page(paths: Tables, contributions: Tables, dpi: float) -> Figure:
    """Draw, a row per rule, what its terms contribute, the path to fewer terms, and the coefficients along it."""
    with style.look():
        if not paths:
            figure = style.sheet(5, 2, dpi)
            style.nothing(figure.subplots(), "no rule was pruned")
            return figure
        figure = style.sheet(8.4, 2.8 * len(paths), dpi)
        grid = figure.subplots(len(paths), 3, squeeze=False)
        for row, (rule, path) in zip(grid, paths.items(), strict=True):
            families.contributions(row[0], (rule, contributions[rule]))
            families.path(row[1], (rule, path))
            families.path_terms(row[2], path)
        style.letters(list(grid.flat))
    return figure
