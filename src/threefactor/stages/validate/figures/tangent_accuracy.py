"""Draw the error of tangents and of differences, by step size, gain and rule, beside what makes both grow."""

from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.lines import Line2D

from threefactor.analysis.gradients import tangent_accuracy as measured
from threefactor.analysis.gradients.tangent_accuracy import CHAOS, CLAIM, RUN, Summary
from threefactor.experiment.work import Drawing, Inputs
from threefactor.plotting import style, tangent_accuracy

HEADING = 4.0
INPUTS = {"accuracy": "validate/accuracy.csv", "growth": "validate/growth.csv"}
READS = ("figures.dpi",)

Found = dict[str, Any]


def draw(inputs: Inputs) -> Drawing:
    """Summarise all learning runs, and draw them."""
    table, growth = inputs.table("accuracy"), inputs.table("growth")
    table = table.astype({"relative_error": float})  # a table without a row has columns of nothing
    drawn = page(measured.summary(table, growth), inputs.settings.figures.dpi)
    return Drawing(drawn, findings(table, growth))


def page(found: Summary, dpi: float) -> Figure:
    """Draw all panels; `dpi` is the resolution of what is rasterised."""
    gains = sorted({*found.steps.gain, *found.gains.gain, *found.curves.gain})
    with style.look():
        figure = style.sheet(7.6, 7.6, dpi)
        if found.gains.empty:
            style.nothing(figure.subplots(), "in no trial did anything depend on θ")
            return figure
        above, middle, below = style.rows(figure, [1.15, 1.1, 0.8])
        axes = _by_step(above, found, gains)
        methods = middle.subplots(1, 2)
        tangent_accuracy.by_gain(methods[0], found.gains)
        tangent_accuracy.by_rule(methods[1], found.rules)
        middle.legend(*methods[0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
        last = below.subplots(1, 2)
        tangent_accuracy.exponents(last[0], found.exponents)
        tangent_accuracy.growth(last[1], found.curves, gains)
        style.letters([*axes, *methods, *last])
    return figure


def findings(table: pd.DataFrame, growth: pd.DataFrame) -> Found:
    """Return how accurate the tangents are, and where differences fail; errors are relative."""
    sound = measured.finite(table)
    worst = measured.largest(sound)
    exact = measured.largest_by_method(sound)
    same = [error for method, error in exact.items() if method != "complex_step"]
    single = worst[worst.precision == "float32"].relative_error
    return {
        "learning_runs": int(sound.groupby(RUN).ngroups),
        "trials": int(sound.trial.max()) if len(sound) else 0,
        "largest_error_against": exact,
        "equal_below": CLAIM,
        "equals_reverse_mode": all(error < CLAIM for error in same),
        "complex_step_rounds_otherwise": exact.get("complex_step", 0) >= CLAIM > max(same, default=CLAIM),
        "float32": {"median": single.median(), "largest": single.max()} if len(single) else None,
        "differences": _differences(sound, worst),
        "chaos": _chaos(worst, growth),
        "learning_runs_failed": int(table[~table.index.isin(sound.index)].groupby(RUN).ngroups),
        "learning_runs_in_all": int(table.groupby(RUN).ngroups),
    }


def _differences(table: pd.DataFrame, worst: pd.DataFrame) -> Found | None:
    """Return the errors of differences at the best step of each learning run, and at one step for all."""
    best = worst[worst.method == "difference"].relative_error
    if best.empty:
        return None
    by_step = measured.largest_by_step(table)
    least, most = min(by_step, key=by_step.__getitem__), max(by_step, key=by_step.__getitem__)
    return {
        "steps": len(by_step),
        "at_best_step": {"median": best.median(), "largest": best.max()},
        "best_step_for_all": {"step": least, "largest": by_step[least]},
        "worst_step_for_all": {"step": most, "largest": by_step[most]},
    }


def _chaos(worst: pd.DataFrame, growth: pd.DataFrame) -> Found | None:
    """Return the errors at the smallest and the largest Lyapunov exponent after learning."""
    ends = measured.at_extreme_exponents(worst, growth).to_dict("records")
    if not ends:
        return None
    return {"least": ends[0], "most": ends[1], "is_chaotic": ends[1]["exponent"] > CHAOS}


def _by_step(figure: SubFigure, found: Summary, gains: list[float]) -> list[Axes]:
    """Draw the error of differences over their step size, a panel a trial."""
    trials = sorted(set(found.steps.trial))
    if not trials:
        return [style.nothing(figure.subplots(), "no step size, no differences")]
    axes = list(figure.subplots(1, len(trials), sharey=True, squeeze=False)[0])
    for ax, trial in zip(axes, trials, strict=True):
        tangent_accuracy.step_sizes(ax, found.steps[found.steps.trial == trial], gains)
        ax.label_outer()
    colours = tangent_accuracy.gain_colours(gains)
    lines = [Line2D([], [], color=colours[gain], marker="o", label=f"g = {gain:g}") for gain in gains]
    dotted = Line2D([], [], color="0.4", ls=":", label="tangents against the complex step")
    figure.legend(handles=[*lines, dotted], loc="outside lower center", ncols=6)
    return axes
