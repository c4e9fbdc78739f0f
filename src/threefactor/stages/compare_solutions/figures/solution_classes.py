"""Draw whether learning rules make classes of solutions: maps, portraits, spread over null models, the 2 × 2."""

from collections.abc import Mapping, Sequence

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from threefactor.analysis.solutions.class_findings import findings, shown_rules
from threefactor.analysis.solutions.distances import first_of_each_kind, named
from threefactor.analysis.solutions.examples import at_level, examples
from threefactor.experiment import build, rules
from threefactor.experiment.portraits import portraits
from threefactor.experiment.work import Drawing, Inputs
from threefactor.plotting import palette, representation, solution_classes, solutions, style
from threefactor.plotting.representation import Trajectories

HEADING = 5.5
INPUTS = {
    "embedding": "compare_solutions/embedding.csv",
    "explained": "compare_solutions/explained.csv",
    "clusters": "compare_solutions/clusters.csv",
    "predictions": "compare_solutions/predictions.csv",
    "over_null": "compare_solutions/over_null.csv",
    "two_by_two": "compare_solutions/two_by_two.csv",
    "networks": "analyse/{learning_rule}/{batch}.csv",
    "fixed_points": "analyse/{learning_rule}/{batch}.fixed_points.csv",
    "representations": "analyse/{learning_rule}/{batch}.safetensors",
}
READS = ("figures", "network.time_step_ms", "task", "analyse.level")

TABLES = ("explained", "clusters", "predictions", "over_null", "two_by_two")
"""Inputs of which the level of the settings is shown."""

PORTRAITS = 6
"""Rules of which a network is shown, at most."""

MAP = 0.5
"""Height of a map by its width, whether there is one level or several."""

LINE = 0.24
"""Inches of a rule where rules stand below each other."""


def draw(inputs: Inputs) -> Drawing:
    """Draw maps at all levels, and at ``analyse.level`` portraits, spread over null models, R² and the 2 × 2."""
    level, dpi = inputs.settings.analyse.level, inputs.settings.figures.dpi
    embedding = inputs.table("embedding")
    tables = {name: at_level(inputs.table(name), level) for name in TABLES}
    figure = page(embedding, _portraits(inputs, level), tables, level, dpi)
    return Drawing(figure, findings(tables, level))


def page(
    embedding: pd.DataFrame,
    shown: Sequence[Trajectories],
    tables: Mapping[str, pd.DataFrame],
    level: float,
    dpi: float,
) -> Figure:
    """Draw the three rows, the lower two at one level; `dpi` is that of what is rasterised."""
    with style.look():
        if embedding.empty:
            return style.blank(style.NOBODY, dpi)
        heights = (3.3, 2.7, max(4.4, 1.3 + LINE * embedding.learning_rule.nunique()))
        figure = style.sheet(13, sum(heights), dpi)
        top, middle, below = style.rows(figure, heights)
        left, centre, right = style.columns(below, (1.5, 1, 1.5))
        headed = {
            top: "Maps of solutions at equal error",
            middle: f"One network of each rule, here and below at error {level:g}",
            left: "Spread within a rule over what walks at equal error reach",
            centre: "What explains the distances",
            right: "What locality and feedback of a rule do to its networks",
        }
        for part, words in headed.items():
            style.heading(part, words)
        axes = [
            *_maps(top, embedding),
            *_faces(middle, shown),
            *_spread(left, tables["over_null"]),
            *_explained(centre, tables["explained"]),
            *_effects(right, tables["two_by_two"]),
        ]
        style.letters(axes)
    return figure


def _portraits(inputs: Inputs, level: float) -> list[Trajectories]:
    """Take one network of each of some rules."""
    networks = at_level(inputs.joined("networks"), level)
    chosen = examples(networks[networks.analysed.astype(bool)])
    access = {rule: rules.about(rule).information for rule in chosen}
    wanted = {rule: [chosen[rule]] for rule in shown_rules(palette.ordered(chosen), access, PORTRAITS)}
    trial_types = build.task(inputs.settings).trial_types
    found = {one.rule: one for one in portraits(inputs, level, wanted, trial_types)}
    return [found[rule] for rule in wanted if rule in found]


def _maps(sheet: SubFigure, embedding: pd.DataFrame) -> list[Axes]:
    """Draw the map of the first distance at each level."""
    first = embedding[embedding.distance == embedding.distance.iloc[0]]
    levels = [part for _, part in sorted(first.groupby("level"), reverse=True)]
    axes = style.tiles(sheet, len(levels), len(levels))
    for ax, part in zip(axes, levels, strict=True):
        solutions.solution_map(ax, part).set_box_aspect(MAP)
        by = named(part.distance.iloc[0]).label
        ax.set_title(f"Error {part.level.iloc[0]:g}, {by}, {len(part)} networks")
    counts = first.groupby("learning_rule").network.nunique()
    style.rule_legend(sheet, counts.index, {str(rule): int(n) for rule, n in counts.items()}, marks=True)
    return axes


def _faces(sheet: SubFigure, shown: Sequence[Trajectories]) -> list[Axes]:
    """Draw one network of each rule on its own principal components."""
    if not shown:
        return [_without(sheet.subplots(), "Portraits", "no network has this level", "PC 1 of rates")]
    axes = style.tiles(sheet, len(shown), len(shown))
    for ax, one in zip(axes, shown, strict=True):
        representation.trajectory(ax, one)
    style.panel_legend(sheet, axes)
    return axes


def _spread(sheet: SubFigure, over_null: pd.DataFrame) -> list[Axes]:
    """Draw the spread within rules by what walks reach, for a distance of each kind."""
    known = over_null[over_null.ratio.notna()] if len(over_null) else over_null
    names = first_of_each_kind(dict.fromkeys(known.distance))
    if not names:
        words = "no walks at equal error at this level\n(null_models.anchors)"
        return [_without(sheet.subplots(), "Spread over null", words, "within ÷ reachable")]
    axes = style.tiles(sheet, len(names), len(names))
    for ax, name in zip(axes, names, strict=True):
        solution_classes.over_null(ax, known[known.distance == name])
    style.panel_legend(sheet, axes)
    return _named_once(axes)


def _explained(sheet: SubFigure, explained: pd.DataFrame) -> list[Axes]:
    """Draw what explains each distance."""
    plain = explained[explained.covariates == "none"] if len(explained) else explained
    if plain.empty:
        return [_without(sheet.subplots(), "R²", style.NOBODY, "share of the squared distances")]
    ax = solution_classes.explained(sheet.subplots(), plain)
    style.panel_legend(sheet, [ax], rows=3)
    return [ax]


def _effects(sheet: SubFigure, effects: pd.DataFrame) -> list[Axes]:
    """Draw the effects of locality and feedback and their interaction."""
    if effects.empty:
        words = "no rule in a cell of the 2 × 2:\nlocal or not, by reward or by error"
        return [_without(sheet.subplots(), "Locality and feedback", words, "effect (SD)")]
    names = [name for name in solution_classes.EFFECTS if name in set(effects.effect)]
    axes = style.tiles(sheet, len(names), len(names))
    for ax, name in zip(axes, names, strict=True):
        solution_classes.effect(ax, effects, name)
    style.panel_legend(sheet, axes)
    return _named_once(axes)


def _named_once(axes: list[Axes]) -> list[Axes]:
    """Name the rows in the first panel alone."""
    for ax in axes[1:]:
        ax.set_yticklabels([])
    return axes


def _without(ax: Axes, title: str, words: str, label: str) -> Axes:
    """Say why a panel shows nothing."""
    ax.set(title=title, xlabel=label)
    return style.nothing(ax, words)
