"""The representations, codes and landscapes of networks of one learning rule, at one level of error."""

from typing import NamedTuple

import pandas as pd
import torch
from torch import Tensor

from threefactor import seeding
from threefactor.analysis import network_table
from threefactor.analysis.group import Group, Moments
from threefactor.analysis.landscape.fixed_point_table import FIXED_POINTS, Search, points_table
from threefactor.analysis.landscape.input_conditions import constant_inputs, search_each
from threefactor.analysis.landscape.spectra import spectra, spectrum_table
from threefactor.analysis.measure import Known
from threefactor.analysis.representation.components import Components, principal_components
from threefactor.analysis.representation.decoding import cross_temporal_accuracy, stratified_folds
from threefactor.analysis.representation.responses import noise_free, repeated, respond
from threefactor.analysis.representation.state_speed import speed
from threefactor.analysis.table import stacked
from threefactor.contract import Network
from threefactor.experiment import build
from threefactor.experiment.noise_free_rates import noise_free_inputs
from threefactor.experiment.work import Work
from threefactor.network.perturbation import draw_start
from threefactor.stages.analyse.costly import measured, starts_of
from threefactor.training.batch import select
from threefactor.training.environment import Task, draw_perturbation


class Description(NamedTuple):
    """What is known of these networks: their parts of the outputs."""

    profile: pd.DataFrame  # learning_rule, network and all measures, a row per network
    tables: dict[str, pd.DataFrame]
    arrays: dict[str, Tensor]


def describe(work: Work, group: Group, level: float, task: Task, at: Moments) -> Description:
    """Describe them."""
    settings = work.settings.analyse
    inputs = noise_free_inputs(work.settings, group.final)
    start, end = (noise_free(part, inputs) for part in (group.initial, group.final))
    free = ~group.final.clamped
    before, after = (response.rate[:, :, at.step][..., free] for response in (start, end))
    components = principal_components(after.flatten(1, 2), settings.components)
    known = Known(
        group=group,
        task=task,
        moments=at,
        before=before,
        after=after,
        components=components,
        speed=speed(end.state[..., free], work.settings.network.time_step_ms)[:, :, at.step],
        spectra=spectra(group.initial.weights, group.final.weights, group.final.clamped),
        accuracy=_decoded(work, group.first(settings.decoding_networks), task, at),
        costly=measured(work, group.first(settings.costly_networks), task, end.state[..., free], level),
        search=_searched(work, group.first(settings.fixed_point_networks), end.state[..., free], components),
        shape_components=settings.shape_components,
    )
    return _parts(known, end.output[:, :, at.step, 0])


def _parts(known: Known, output: Tensor) -> Description:
    """Turn what is known of networks into their parts of the outputs; their first output (b, y, t)."""
    rule, network, components = known.group.rule, known.group.network, known.components
    tables = {
        "spectrum": spectrum_table(network, known.spectra),
        "fixed_points": known.search.points,
        "attractors": known.costly.census.attractors if known.costly else pd.DataFrame(),
    }
    arrays = {
        "network": torch.tensor(network),
        "projection": components.scores.unflatten(1, known.after.shape[1:3]),
        "explained": components.variance[:, : components.scores.shape[2]]
        / components.variance.sum(1, keepdim=True),
        "output": output,
        "speed": known.speed,
        **{f"cross_temporal.{name}": whole for name, whole in known.accuracy.items() if len(whole)},
    }
    single = {key: value.float() if value.is_floating_point() else value for key, value in arrays.items()}
    return Description(
        network_table.measured(known).assign(learning_rule=rule, network=network),
        {name: table.assign(learning_rule=rule) for name, table in tables.items()},
        single,
    )


def _decoded(work: Work, group: Group, task: Task, at: Moments) -> dict[str, Tensor]:
    """Decode each factor of the task from perturbed trials: accuracy by factor, (b, train t, test t)."""
    settings = work.settings.analyse
    trial_type = torch.arange(len(task.trial_types) * settings.decoding_trials) % len(task.trial_types)
    source = seeding.generator(work.settings.seed, "analyse", "decoding inputs")
    inputs = task.draw(trial_type, generator=source, dtype=torch.float64).inputs.to(work.device)
    fold = stratified_folds(trial_type, settings.decoding_folds).to(work.device)
    classes = torch.tensor(list(task.factors.values())).T[trial_type].to(work.device)
    parts = [inputs.new_empty(0, len(task.factors), len(at.time), len(at.time))]
    for index, network in enumerate(group.network):
        alone = select(group.final, slice(index, index + 1))
        start, perturbation = _noise(work, alone, network, len(inputs))
        rate = respond(alone, inputs, start, perturbation).rate[:, :, at.step][..., ~alone.clamped]
        parts.append(cross_temporal_accuracy(rate, classes, fold, settings.decoding_ridge))
    return dict(zip(task.factors, torch.cat(parts).unbind(1), strict=True))


def _noise(work: Work, alone: Network, network: int, trials: int) -> tuple[Tensor, Tensor]:
    """Draw starts (1, h, i) and perturbations (1, h, T, i) of one network, the same under every rule."""
    settings, copies = work.settings, repeated(alone, trials)
    generator = seeding.generator(settings.seed, "analyse", "decoding", network)
    start = draw_start(copies, settings.network.start_scale, generator=generator)
    perturbation = draw_perturbation(build.environment(settings), copies, generator=generator)
    return start[None], perturbation[None]


def _searched(work: Work, group: Group, states: Tensor, components: Components) -> Search:
    """Search the fixed points of each network under each constant input, from states (b, y, t, i) among others."""
    settings, count = work.settings.analyse, work.settings.analyse.fixed_point_starts
    starts = starts_of(work, group, states, count, "fixed_points")
    each = search_each(
        group.final,
        starts,
        steps=settings.fixed_point_steps,
        tolerance=settings.fixed_point_tolerance,
        separation=settings.fixed_point_separation,
    )
    parts = []
    for index, (network, found) in enumerate(zip(group.network, each, strict=True)):
        own = slice(index, index + 1)
        axes = Components(*(part[own] for part in components))
        parts.append(points_table(select(group.final, own), found, axes, count).assign(network=network))
    inputs = len(constant_inputs(group.final.input_weights.shape[2]))
    return Search(stacked(parts, FIXED_POINTS), group.network, count * inputs)
