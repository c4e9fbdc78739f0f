"""Draw the trajectories of one network of each rule."""

from collections.abc import Mapping, Sequence

import pandas as pd
from matplotlib.figure import Figure
from torch import Tensor

from threefactor.analysis.solutions.examples import at_level, examples
from threefactor.experiment import build
from threefactor.experiment.work import Drawing, Inputs
from threefactor.plotting import representation, style
from threefactor.plotting.representation import Trajectories

HEADING = 5.2
INPUTS = {
    "networks": "analyse/{learning_rule}/{batch}.csv",
    "fixed_points": "analyse/{learning_rule}/{batch}.fixed_points.csv",
    "representations": "analyse/{learning_rule}/{batch}.safetensors",
}
READS = ("figures", "network.time_step_ms", "task", "analyse.level")


def draw(inputs: Inputs) -> Drawing:
    """Draw a network of every rule on its own principal components, with its fixed points without input."""
    level = inputs.settings.analyse.level
    networks, points = (at_level(inputs.joined(name), level) for name in ("networks", "fixed_points"))
    chosen = examples(networks[networks.analysed.astype(bool)])
    trial_types = tuple(build.task(inputs.settings).trial_types)
    shown = {}
    for values, arrays in inputs.each_arrays("representations"):
        rule, numbers = values["learning_rule"], arrays.get(f"{level:g}.network")
        if numbers is not None and rule in chosen and chosen[rule] in numbers.tolist():
            own = {name: arrays[f"{level:g}.{name}"] for name in ("network", "projection", "explained")}
            shown[rule] = _trajectories(rule, chosen[rule], own, points, trial_types)
    in_order = [shown[rule] for rule in chosen]
    return Drawing(page(in_order, inputs.settings.figures.dpi), findings(in_order))


def findings(shown: Sequence[Trajectories]) -> dict[str, object]:
    """State which network of each rule is shown, what the two components hold, and its fixed points without input."""
    rules = {
        one.rule: {
            "network": one.network,
            "explained": float(one.explained[:2].sum()),
            "stable": int(one.stable.sum()),
            "unstable": int((~one.stable).sum()),
        }
        for one in shown
    }
    return {"rules": rules}


def page(shown: Sequence[Trajectories], dpi: float) -> Figure:
    """Draw one network of every rule; `dpi` is that of what is rasterised."""
    with style.look():
        if not shown:
            return style.blank(style.NOBODY, dpi)
        figure = style.sheet(2.6 * max(2, min(3, len(shown))), 2.6 * -(-len(shown) // 3) + 0.4, dpi)
        axes = style.tiles(figure, len(shown), 3)
        for ax, network in zip(axes, shown, strict=True):
            representation.trajectory(ax, network)
        found = [ax.get_legend_handles_labels() for ax in axes]
        named = {
            word: handle for handles, words in found for handle, word in zip(handles, words, strict=True)
        }
        if named:
            across = -(-len(named) // 2)
            figure.legend(named.values(), named.keys(), loc="outside lower center", ncols=across)
        style.letters(axes)
    return figure


def _trajectories(
    rule: str, network: int, arrays: Mapping[str, Tensor], points: pd.DataFrame, trial_types: Sequence[str]
) -> Trajectories:
    """Take the trajectories of one network, with its fixed points without input."""
    at = arrays["network"].tolist().index(network)
    own = points[(points.learning_rule == rule) & (points.network == network) & (points.condition == "none")]
    projection, explained = (arrays[name][at].double().numpy() for name in ("projection", "explained"))
    spots, stable = own[["pc1", "pc2", "pc3"]].to_numpy(float), own.stable.to_numpy(bool)
    return Trajectories(rule, network, projection, explained, tuple(trial_types), spots, stable)
