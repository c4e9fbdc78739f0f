"""What takes long, of the first networks of a batch: attractors, sharpness, tangent kernels, compressibility."""

import torch
from torch import Tensor

from threefactor import seeding
from threefactor.analysis.attractors.attractor import Plan
from threefactor.analysis.attractors.attractor_table import Census, attractor_table
from threefactor.analysis.attractors.census import census
from threefactor.analysis.group import Group
from threefactor.analysis.landscape.compressibility import error_by_rank_of_change, smallest_rank
from threefactor.analysis.landscape.input_conditions import constant_inputs, draw_starts
from threefactor.analysis.landscape.sharpness import Sharpness, hessian_spectrum, sharpness
from threefactor.analysis.landscape.tangent_change import tangent_change
from threefactor.analysis.measure import Costly
from threefactor.experiment.work import Work
from threefactor.training.environment import Task

PLAN = Plan(
    burn_in=4000, stretch=250, tolerance=1e-6, steps=2000, rounds=4, separation=1e-2, probability=1e-3
)
"""How a census is taken; with it 1 % of trained networks of 128 units stayed without a class."""

EXPONENTS = 6
"""Lyapunov exponents of each attractor."""


def measured(work: Work, group: Group, task: Task, states: Tensor, level: float) -> Costly | None:
    """Measure networks at a level, from the states (b, y, t, f) that they visit; None for no network."""
    if not group.network:
        return None
    trial = task.draw(torch.arange(len(task.trial_types)), generator=None, dtype=torch.float64)
    window = trial.window[0].nonzero()[:, 0].to(work.device)
    errors = error_by_rank_of_change(group.initial, group.final, task)
    return Costly(
        census=_census(work, group, states),
        tangent=tangent_change(group.initial, group.final, trial.inputs.to(work.device), window),
        sharpness=_sharpness(work, group, task),
        rank=smallest_rank(errors, level),
    )


def _census(work: Work, group: Group, states: Tensor) -> Census:
    """Find the attractors of each network, from starts that are drawn for it alone."""
    starts = [
        draw_starts(
            states[at].flatten(0, 1),
            work.settings.analyse.attractor_starts,
            generator=seeding.generator(work.settings.seed, "analyse", "attractors", network),
        )
        for at, network in enumerate(group.network)
    ]
    units = group.final.weights.shape[1]
    source = seeding.generator(work.settings.seed, "analyse", "exponents")
    directions = torch.randn(min(EXPONENTS, units), units, generator=source, dtype=torch.float64)
    found = census(group.final, torch.stack(starts), PLAN, directions.to(work.device))
    conditions = list(constant_inputs(group.final.input_weights.shape[2]))
    table = attractor_table(found, group.network, conditions, group.final.leak)
    return Census(table, group.network)


def _sharpness(work: Work, group: Group, task: Task) -> Sharpness:
    """Measure the Hessian of the noise-free error."""
    source = seeding.generator(work.settings.seed, "analyse", "hessian")
    found = hessian_spectrum(group.final, task, generator=source)
    return sharpness(found, group.final, work.settings.analyse.flatness)
