"""Draw how networks learn under every rule, to the end of learning."""

import pandas as pd
from matplotlib.figure import Figure

from threefactor.experiment import build
from threefactor.experiment.work import Drawing, Inputs
from threefactor.plotting import learning_curves, style

HEADING = 5.0
INPUTS = {"along": "compare_learning/along.csv", "endings": "compare_learning/endings.csv"}
READS = ("figures.dpi", "retrain.levels", "network.time_step_ms", "task")


def draw(inputs: Inputs) -> Drawing:
    """Draw along.csv, and state where networks end."""
    settings, along, endings = inputs.settings, inputs.table("along"), inputs.table("endings")
    levels, chance = list(settings.retrain.levels), build.task(settings).chance
    return Drawing(page(along, endings, levels, chance, settings.figures.dpi), findings(endings))


def findings(endings: pd.DataFrame) -> dict[str, object]:
    """State what endings.csv says of each rule: medians as [value, first quartile, third quartile]."""
    rules = {
        row["learning_rule"]: {
            "networks": int(row["networks"]),
            "trials": int(row["trials"]),
            "diverged": int(row["diverged"]),
            "accuracy": row["accuracy"],
            **{
                name: [row[key] for key in (name, f"{name}_low", f"{name}_high")]
                for name in ("error", "best_error", "change_norm", "change_rank", "clipped")
            },
        }
        for row in endings.to_dict("records")
    }
    return {"rules": rules}


def page(
    along: pd.DataFrame, endings: pd.DataFrame, levels: list[float], chance: float, dpi: float
) -> Figure:
    """Draw error, accuracy and weight change along learning; `dpi` is that of what is rasterised."""
    with style.look():
        figure = style.sheet(7.6, 5.6, dpi)
        axes = list(figure.subplots(2, 2, sharex=True).flat)
        learning_curves.error(axes[0], along, levels)
        learning_curves.accuracy(axes[1], along, chance)
        learning_curves.change_norm(axes[2], along)
        learning_curves.change_rank(axes[3], along)
        counts = dict(zip(endings.learning_rule, endings.networks.astype(int), strict=True))
        style.rule_legend(figure, endings.learning_rule, counts)
        style.letters(axes)
    return figure
