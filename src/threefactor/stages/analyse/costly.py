"""What takes long, of the first networks of a batch: attractors, sharpness, tangent kernels, compressibility."""

import torch
from torch import Tensor

from threefactor import seeding
from threefactor.analysis.attractors.attractor import Plan
from threefactor.analysis.attractors.attractor_table import Census, attractor_table
from threefactor.analysis.attractors.census import census
from threefactor.analysis.group import Group
from threefactor.analysis.landscape.compressibility import (
    error_by_rank,
    error_by_rank_of_change,
    smallest_rank,
)
from threefactor.analysis.landscape.input_conditions import (
    constant_inputs,
    count_slow_points,
    draw_starts,
)
from threefactor.analysis.landscape.sharpness import Sharpness, hessian_spectrum, sharpness
from threefactor.analysis.landscape.tangent_change import tangent_change
from threefactor.analysis.measure import Costly
from threefactor.contract import Network
from threefactor.experiment.work import Work
from threefactor.training.environment import Task

PLAN = Plan(
    burn_in=4000, stretch=250, tolerance=1e-6, steps=2000, rounds=4, separation=1e-2, probability=1e-3
)
"""How a census is taken."""

SLOWEST = 0.1
"""Largest absolute flow of a slow point, in states per time constant."""

EXPONENTS = 6
"""Lyapunov exponents of each attractor."""


def measured(work: Work, group: Group, task: Task, states: Tensor, level: float) -> Costly | None:
    """Measure networks at a level, from the states (b, y, t, f) that they visit; None for no network."""
    if not group.network:
        return None
    trial = task.draw(torch.arange(len(task.trial_types)), generator=None, dtype=torch.float64)
    window = trial.window[0].nonzero()[:, 0].to(work.device)
    starts = starts_of(work, group, states, work.settings.analyse.attractor_starts, "attractors")
    slow = count_slow_points(
        group.final,
        starts,
        steps=work.settings.analyse.fixed_point_steps,
        tolerance=work.settings.analyse.fixed_point_tolerance,
        slowest=SLOWEST,
        separation=work.settings.analyse.fixed_point_separation,
    )
    return Costly(
        census=attractors(work, group.final, group.network, starts),
        tangent=tangent_change(group.initial, group.final, trial.inputs.to(work.device), window),
        sharpness=_sharpness(work, group, task),
        slow=slow,
        rank=smallest_rank(error_by_rank_of_change(group.initial, group.final, task), level),
        rank_of_weights=smallest_rank(error_by_rank(group.final, task), level),
    )


def starts_of(work: Work, group: Group, states: Tensor, count: int, purpose: str) -> Tensor:
    """Draw starts (b, s, f) for each network alone, half of them among the states (b, y, t, f) that it visits."""
    seed = work.settings.seed
    several = [
        draw_starts(own.flatten(0, 1), count, generator=seeding.generator(seed, "analyse", purpose, network))
        for own, network in zip(states, group.network, strict=False)
    ]
    return torch.stack(several) if several else states.new_empty(0, count, states.shape[-1])


def attractors(work: Work, network: Network, ids: list[int], starts: Tensor) -> Census:
    """Take a census of networks of these ids, from starts (b, s, f)."""
    units = network.weights.shape[1]
    source = seeding.generator(work.settings.seed, "analyse", "exponents")
    directions = torch.randn(min(EXPONENTS, units), units, generator=source, dtype=torch.float64)
    found = census(network, starts, PLAN, directions.to(work.device))
    conditions = list(constant_inputs(network.input_weights.shape[2]))
    table = attractor_table(found, ids, conditions, network.leak)
    return Census(table, ids)


def _sharpness(work: Work, group: Group, task: Task) -> Sharpness:
    """Measure the Hessian of the noise-free error."""
    source = seeding.generator(work.settings.seed, "analyse", "hessian")
    found = hessian_spectrum(group.final, task, generator=source)
    return sharpness(found, group.final, work.settings.analyse.flatness)
