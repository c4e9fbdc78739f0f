"""Draw how far solutions lie apart, between rules and within each."""

import pandas as pd
from matplotlib.figure import Figure

from threefactor.analysis.solutions.distances import first_of_each_kind, named
from threefactor.analysis.solutions.examples import at_level
from threefactor.experiment.work import Drawing, Inputs
from threefactor.plotting import solutions, style

HEADING = 5.6
INPUTS = {
    "embedding": "compare_solutions/embedding.csv",
    "spread": "compare_solutions/spread.csv",
    "tests": "compare_solutions/tests.csv",
}
READS = ("figures", "analyse.level")


def draw(inputs: Inputs) -> Drawing:
    """Draw maps of all networks, the spread within rules and the tests between them."""
    level = inputs.settings.analyse.level
    embedding, spread, tests = (at_level(inputs.table(name), level) for name in INPUTS)
    return Drawing(page(embedding, spread, tests, inputs.settings.figures.dpi), findings(spread, tests))


def findings(spread: pd.DataFrame, tests: pd.DataFrame) -> dict[str, object]:
    """State for each distance the spread of every rule as [value, low, high], its ratio to bptt, and the tests."""
    return {"distances": {name: _of(name, spread, tests) for name in dict.fromkeys(tests.distance)}}


def _of(distance: str, spread: pd.DataFrame, tests: pd.DataFrame) -> dict[str, object]:
    """State what the tables say by one distance."""
    own, tested = spread[spread.quantity == distance], tests[tests.distance == distance]
    return {
        "label": named(distance).label,
        "unit": named(distance).unit,
        "networks": int(tested.networks.max()),
        "spread": {str(row.learning_rule): _spread(row) for _, row in own.iterrows()},
        "tests": [
            {
                **{name: str(row[name]) for name in ("test", "factor", "permuted_within")},
                **{name: float(row[name]) for name in ("statistic", "effect", "chance", "p")},
            }
            for _, row in tested.iterrows()
        ],
    }


def _spread(row: pd.Series) -> dict[str, object]:
    """State the spread of one rule."""
    return {
        "networks": int(row.networks),
        "estimate": [float(row[name]) for name in ("estimate", "low", "high")],
        "ratio_to_bptt": [float(row[name]) for name in ("ratio_to_bptt", "ratio_low", "ratio_high")],
    }


def page(embedding: pd.DataFrame, spread: pd.DataFrame, tests: pd.DataFrame, dpi: float) -> Figure:
    """Draw embedding.csv, spread.csv and tests.csv; `dpi` is that of what is rasterised."""
    with style.look():
        distances = first_of_each_kind(dict.fromkeys(embedding.distance))
        if not distances:
            return style.blank(style.NOBODY, dpi)
        figure = style.sheet(8.6, 10.4, dpi)
        top, middle, below = style.rows(figure, (3.3, 2.5, 4.2))
        maps = top.subplots(1, len(distances), squeeze=False)[0]
        for ax, name in zip(maps, distances, strict=True):
            solutions.solution_map(ax, embedding[embedding.distance == name])
        forest = middle.subplots(1, 2 * len(distances), squeeze=False)[0]
        for at, name in enumerate(distances):
            part = spread[spread.quantity == name]
            solutions.spread(forest[2 * at], part)
            solutions.spread_ratio(forest[2 * at + 1], part)
            if at:
                forest[2 * at].set_yticklabels([])
        table = solutions.tests(below.subplots(), tests[tests.distance.isin(distances)])
        counts = embedding[embedding.distance == distances[0]].groupby("learning_rule").size()
        style.rule_legend(top, counts.index, {str(rule): int(n) for rule, n in counts.items()}, marks=True)
        style.letters([*maps, *forest, table])
    return figure
