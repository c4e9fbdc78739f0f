"""Draw what can be decoded from the networks, and when."""

from collections.abc import Mapping, Sequence

import pandas as pd
from matplotlib.figure import Figure

from threefactor.analysis.representation.contrasts import guessing
from threefactor.experiment import build
from threefactor.experiment.work import Drawing, Inputs
from threefactor.plotting import representation, style
from threefactor.plotting.representation import CrossTemporal

HEADING = 5.3
INPUTS = {
    "networks": "analyse/networks.csv",
    "decoding": "analyse/decoding.csv",
    "cross_temporal": "analyse/cross_temporal.safetensors",
}
READS = ("figures", "network.time_step_ms", "task")

Periods = Mapping[str, tuple[float, float]]


def draw(inputs: Inputs) -> Drawing:
    """Draw the decoding of every factor of the task, and that of the first across time."""
    decoding, task = inputs.table("decoding"), build.task(inputs.settings)
    chance = {name: guessing(classes) for name, classes in task.factors.items()}
    across = _across(inputs, decoding, next(iter(chance)), chance)
    figure = page(decoding, across, chance, task.periods, inputs.settings.figures.dpi)
    return Drawing(figure, findings(inputs.table("networks"), decoding, chance))


def findings(
    networks: pd.DataFrame, decoding: pd.DataFrame, chance: Mapping[str, float]
) -> dict[str, object]:
    """State by rule, as means over networks, how the delay holds the first factor and the decision gives the last."""
    first, last = next(iter(chance)), list(chance)[-1]
    measures = {
        "held": f"decoding_{first}_delay",
        "static": f"static_{first}_delay",
        "decided": f"decoding_{last}_response",
    }
    counts = decoding.groupby("learning_rule", sort=False).networks.max()
    means = networks.groupby("learning_rule")[list(measures.values())].mean().to_dict("index")
    rules = {
        str(rule): {
            "networks": int(count),
            **{key: float(means[rule][name]) for key, name in measures.items()},
        }
        for rule, count in counts.items()
    }
    return {"first": first, "last": last, "chance": dict(chance), "rules": rules}


def page(
    decoding: pd.DataFrame,
    across: Sequence[CrossTemporal],
    chance: Mapping[str, float],
    periods: Periods,
    dpi: float,
) -> Figure:
    """Draw decoding over time for every factor, and that of the first across time for every rule.

    Parameters
    ----------
    decoding
        decoding.csv.
    across
        The first factor, decoded across time.
    chance
        Accuracy of guessing each factor.
    periods
        Onset and end of the periods of a trial, ms.
    dpi
        Resolution of what is rasterised.
    """
    with style.look():
        factors = list(dict.fromkeys(decoding.variable))
        if not factors or not across:
            return style.blank(style.NOBODY, dpi)
        rows = -(-len(across) // 4)
        figure = style.sheet(7.6, 3.0 + 1.95 * rows, dpi)
        top, below = style.rows(figure, (3.0, 1.95 * rows))
        first = top.subplots(1, len(factors), squeeze=False, sharey=True)[0]
        for ax, factor in zip(first, factors, strict=True):
            representation.decoding(ax, decoding[decoding.variable == factor], chance[factor], periods)
            ax.label_outer()
        first[0].set_ylim(float(decoding.low.min()) - 0.03, 1.03)
        matrices = style.tiles(below, len(across), 4, shared=True)
        images = [representation.cross_temporal(ax, part) for ax, part in zip(matrices, across, strict=True)]
        below.colorbar(images[0], ax=below.axes, label=f"accuracy, “{factors[0]}”", shrink=0.8)
        of_rule = decoding.groupby("learning_rule").networks.max()
        style.rule_legend(top, of_rule.index, {str(rule): int(n) for rule, n in of_rule.items()})
        style.letters([*first, *matrices])
    return figure


def _across(
    inputs: Inputs, decoding: pd.DataFrame, factor: str, chance: Mapping[str, float]
) -> list[CrossTemporal]:
    """Take the decoding of a factor across time, a matrix per rule."""
    arrays = inputs.arrays("cross_temporal")
    time = arrays["time_ms"].double().numpy()
    return [
        CrossTemporal(rule, time, arrays[f"{rule}.{factor}"].double().numpy(), chance[factor])
        for rule in dict.fromkeys(decoding.learning_rule)
    ]
