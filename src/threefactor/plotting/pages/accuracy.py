"""The page of the tangents: "Subspace-sensitivities provide accurate gradient information"."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.lines import Line2D

from threefactor.analysis.gradients.accuracy import Summary
from threefactor.plotting import accuracy, style


def page(found: Summary, dpi: float) -> Figure:
    """Draw the error of tangents and of differences, by step size, gain and rule, beside what makes both grow."""
    gains = sorted({*found.steps.gain, *found.gains.gain, *found.curves.gain})
    with style.look():
        figure = style.sheet(7.6, 7.6, dpi)
        if found.gains.empty:
            style.nothing(figure.subplots(), "in no trial did anything depend on θ")
            return figure
        above, middle, below = style.rows(figure, [1.15, 1.1, 0.8])
        axes = _by_step(above, found, gains)
        methods = middle.subplots(1, 2)
        accuracy.by_gain(methods[0], found.gains)
        accuracy.by_rule(methods[1], found.rules)
        middle.legend(*methods[0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
        last = below.subplots(1, 2)
        accuracy.exponents(last[0], found.exponents)
        accuracy.growth(last[1], found.curves, gains)
        style.letters([*axes, *methods, *last])
    return figure


def _by_step(figure: SubFigure, found: Summary, gains: list[float]) -> list[Axes]:
    """Draw the error of differences over their step size, a panel a trial."""
    trials = sorted(set(found.steps.trial))
    if not trials:
        return [style.nothing(figure.subplots(), "no step size, no differences")]
    axes = list(figure.subplots(1, len(trials), sharey=True, squeeze=False)[0])
    for ax, trial in zip(axes, trials, strict=True):
        accuracy.step_sizes(ax, found.steps[found.steps.trial == trial], gains)
        ax.label_outer()
    colours = accuracy.gain_colours(gains)
    lines = [Line2D([], [], color=colours[gain], marker="o", label=f"g = {gain:g}") for gain in gains]
    dotted = Line2D([], [], color="0.4", ls=":", label="tangents against the complex step")
    figure.legend(handles=[*lines, dotted], loc="outside lower center", ncols=6)
    return axes
