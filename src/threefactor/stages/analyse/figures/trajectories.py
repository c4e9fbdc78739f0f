"""Draw the trajectories of one network of each rule."""

from collections.abc import Sequence

from matplotlib.figure import Figure

from threefactor.analysis.solutions.examples import at_level, examples
from threefactor.experiment import build
from threefactor.experiment.portraits import portraits
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
    networks = at_level(inputs.joined("networks"), level)
    chosen = examples(networks[networks.analysed.astype(bool)])
    wanted = {rule: [network] for rule, network in chosen.items()}
    trial_types = build.task(inputs.settings).trial_types
    shown = {one.rule: one for one in portraits(inputs, level, wanted, trial_types)}
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
        style.panel_legend(figure, axes, rows=2)
        style.letters(axes)
    return figure
