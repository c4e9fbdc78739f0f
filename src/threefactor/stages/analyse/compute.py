"""Describe the networks that one learning rule trained, batch by batch and level by level of noise-free error.

At each level networks have the weights with which they first crossed it.  Networks that never did stay in the table, with
empty measures.  Trials are noise-free, one of each trial type; decoding alone uses perturbed trials from random starts.
Geometry is of the rates of the free units.  `threefactor.stages.analyse.tables` explains every output.
"""

import pandas as pd
from torch import Tensor

from threefactor.analysis.table import stacked
from threefactor.experiment import build
from threefactor.experiment.noise_free_rates import analysed_moments
from threefactor.experiment.work import Results, Work
from threefactor.stages.analyse.describe import Description, describe
from threefactor.stages.analyse.retrained import group_at, levels, retrained
from threefactor.stages.analyse.tables import tables
from threefactor.stages.analyse.tracked import attractor_changes


def compute(work: Work) -> Results:
    """Analyse one batch at every level.  Outputs: the tables of `tables`, and the arrays ``representations``."""
    settings, task = work.settings, build.task(work.settings)
    at, networks, solutions = analysed_moments(settings), retrained(work), work.arrays("solutions")
    found: dict[float, Description] = {}
    for level in work.each(levels(settings), "levels"):
        if networks.analysed[networks.level == level].any():
            found[level] = describe(work, group_at(work, solutions, networks, level), level, task, at)
    declared = tables(list(task.factors))
    profile = _with_level({level: one.profile for level, one in found.items()})
    keys = ["learning_rule", "network", "level"]
    whole = networks.merge(profile, on=keys, how="left") if len(profile) else networks
    arrays: dict[str, Tensor] = {"time_ms": at.time}
    for level, one in found.items():
        arrays |= {f"{level:g}.{name}": value for name, value in one.arrays.items()}
    parts = {
        name: _with_level({level: one.tables[name] for level, one in found.items()})
        for name in ("spectrum", "fixed_points", "attractors")
    }
    return Results(
        {
            "networks": stacked([whole], declared["networks"]),
            **{name: stacked([part], declared[name]) for name, part in parts.items()},
            "attractor_changes": stacked([attractor_changes(work, solutions)], declared["attractor_changes"]),
            "representations": arrays,
        }
    )


def _with_level(parts: dict[float, pd.DataFrame]) -> pd.DataFrame:
    """Stack tables of several levels, with a column for the level."""
    levelled = [part.assign(level=level) for level, part in parts.items()]
    return pd.concat(levelled, ignore_index=True) if levelled else pd.DataFrame()
