"""Make networks that distances between trained networks are compared with, batch by batch and level by level.

Anchors are the first analysed networks of a batch at a level.  From each begin walks through the weights that keep its
error, steered away from its representation or not; networks with the same singular values of ΔW in random directions do
not keep it; and rates of the anchors in two sets of noisy trials say what noise alone does.
"""

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from threefactor import seeding
from threefactor.analysis.group import Group, moments
from threefactor.analysis.representation.responses import noise_free
from threefactor.analysis.solutions.noise_floor import resampled_rates
from threefactor.analysis.solutions.random_directions import with_random_directions
from threefactor.analysis.solutions.steering import Steering, away_from
from threefactor.analysis.solutions.walk import Bounds, walk
from threefactor.analysis.table import stacked
from threefactor.contract import Network
from threefactor.experiment import build
from threefactor.experiment.anchors import anchors
from threefactor.experiment.work import Results, Work
from threefactor.stages.null_models.tables import TABLES
from threefactor.training.batch import select
from threefactor.training.evaluation import evaluate

RESAMPLES = 2
"""Sets of noisy trials of one network."""


def compute(work: Work) -> Results:
    """Make them.  Outputs: ``walks`` (a row per network), ``networks_at_null`` (weights, and rates of the anchors)."""
    tables: list[pd.DataFrame] = []
    arrays: dict[str, Tensor] = {}
    for level, group in work.each(anchors(work, work.settings.null_models.anchors), "levels"):
        made = {
            "steered": _walked(work, group, level, "steered", _steering(work, group)),
            "random": _walked(work, group, level, "random", None),
            "directions": _directions(work, group),
        }
        for name, (table, network) in made.items():
            tables.append(table.assign(level=level, null=name))
            arrays |= {
                f"{level:g}.{name}.network": torch.tensor(table.network.to_numpy()),
                f"{level:g}.{name}.weights": network.weights.float(),
                f"{level:g}.{name}.output_weights": network.output_weights.float(),
            }
        arrays |= {
            f"{level:g}.noise.network": torch.tensor(group.network),
            f"{level:g}.noise.rates": _noisy(work, group).float(),
        }
    return Results({"walks": stacked(tables, TABLES["walks"]), "networks_at_null": arrays})
