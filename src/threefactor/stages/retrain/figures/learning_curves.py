"""Draw error and accuracy during training."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray

from threefactor.analysis.learning.learning_curve import curve
from threefactor.experiment import build
from threefactor.experiment.work import Drawing, Inputs
from threefactor.plotting import learning_curves, style

HEADING = 5.0
INPUTS = {"solutions": "retrain/{learning_rule}/{batch}.safetensors"}
READS = ("figures", "criterion.window", "network.time_step_ms", "task")

Array = NDArray[np.float64]


def draw(inputs: Inputs) -> Drawing:
    """Summarise the training of every rule over its networks, and draw it."""
    curves, counts = _curves(inputs)
    chance = build.task(inputs.settings).chance
    return Drawing(page(curves, counts, chance, inputs.settings.figures.dpi), {"networks": counts})


def page(curves: pd.DataFrame, counts: Mapping[str, int], chance: float, dpi: float) -> Figure:
    """Draw error and accuracy during training.

    Parameters
    ----------
    curves
        `threefactor.analysis.learning.learning_curve.curve` of every rule.
    counts
        Networks of each rule.
    chance
        Share of correct trials by guessing.
    dpi
        Resolution of what is rasterised.
    """
    with style.look():
        figure = style.sheet(7.6, 3.3, dpi)
        axes = figure.subplots(1, 2)
        if len(curves):
            learning_curves.error(axes[0], curves)
            learning_curves.accuracy(axes[1], curves, chance)
        else:
            for ax in axes:
                style.nothing(ax, "no trial was run")
        style.rule_legend(figure, curves.learning_rule, counts)
        style.letters(axes)
    return figure


def _curves(inputs: Inputs) -> tuple[pd.DataFrame, dict[str, int]]:
    """Summarise the training of every rule, and count its networks."""
    batches: dict[str, list[tuple[Array, Array]]] = {}
    for values, arrays in inputs.each_arrays("solutions"):
        pair = arrays["error"].double().numpy(), arrays["correct"].double().numpy()
        batches.setdefault(values["learning_rule"], []).append(pair)
    window, parts, counts = inputs.settings.criterion.window, [], {}
    for rule, pairs in batches.items():
        error, correct = (np.concatenate(both) for both in zip(*pairs, strict=True))
        parts.append(curve(error, correct, window).assign(learning_rule=rule))
        counts[rule] = len(error)
    return pd.concat(parts, ignore_index=True), counts
