"""Draw how networks hold the first factor of a trial: decoders trained at one time, tested at another."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray

from threefactor.analysis.representation.contrasts import guessing
from threefactor.analysis.solutions.examples import at_level
from threefactor.experiment import build
from threefactor.experiment.work import Drawing, Inputs
from threefactor.plotting import representation, style
from threefactor.plotting.representation import CrossTemporal

HEADING = 5.3
INPUTS = {
    "networks": "analyse/{learning_rule}/{batch}.csv",
    "representations": "analyse/{learning_rule}/{batch}.safetensors",
}
READS = ("figures", "network.time_step_ms", "task", "analyse.level")

Matrices = dict[str, list[NDArray[np.float64]]]


def draw(inputs: Inputs) -> Drawing:
    """Draw the decoding of the first factor across time, a matrix per rule."""
    level, task = inputs.settings.analyse.level, build.task(inputs.settings)
    networks = at_level(inputs.joined("networks"), level)
    chance = {name: guessing(classes) for name, classes in task.factors.items()}
    first = next(iter(chance))
    time, found = _decoded(inputs, f"{level:g}.cross_temporal.{first}")
    across = [
        CrossTemporal(rule, time, np.mean(several, 0), chance[first]) for rule, several in found.items()
    ]
    counts = {rule: len(several) for rule, several in found.items()}
    return Drawing(page(across, first, inputs.settings.figures.dpi), findings(networks, counts, chance))


def findings(
    networks: pd.DataFrame, counts: Mapping[str, int], chance: Mapping[str, float]
) -> dict[str, object]:
    """State by rule, as means over networks, how the delay holds the first factor and the decision gives the last."""
    first, last = next(iter(chance)), list(chance)[-1]
    measures = {
        "held": f"decoding_{first}_delay",
        "static": f"static_{first}_delay",
        "decided": f"decoding_{last}_response",
    }
    means = networks.groupby("learning_rule")[list(measures.values())].mean().to_dict("index")
    rules = {
        rule: {"networks": count, **{key: float(means[rule][name]) for key, name in measures.items()}}
        for rule, count in counts.items()
    }
    return {"first": first, "last": last, "chance": dict(chance), "rules": rules}


def page(across: Sequence[CrossTemporal], factor: str, dpi: float) -> Figure:
    """Draw the decoding of a factor across time for every rule; `dpi` is that of what is rasterised."""
    with style.look():
        if not across:
            return style.blank(style.NOBODY, dpi)
        figure = style.sheet(7.6, 0.4 + 1.95 * -(-len(across) // 4), dpi)
        matrices = style.tiles(figure, len(across), 4, shared=True)
        images = [representation.cross_temporal(ax, part) for ax, part in zip(matrices, across, strict=True)]
        figure.colorbar(images[0], ax=figure.axes, label=f"accuracy, “{factor}”", shrink=0.8)
        style.letters(matrices)
    return figure


def _decoded(inputs: Inputs, name: str) -> tuple[NDArray[np.float64], Matrices]:
    """Read the times, and the matrices of all decoded networks by their rule, in the order of the files."""
    time, found = np.zeros(0), Matrices()
    for values, arrays in inputs.each_arrays("representations"):
        time = arrays["time_ms"].double().numpy()
        if name in arrays:
            found.setdefault(values["learning_rule"], []).extend(arrays[name].double().numpy())
    return time, found
