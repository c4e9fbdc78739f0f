"""What the measures of networks and the null models cost: networks that BPTT trained, each measure by itself.

These are the measures of stages ``analyse`` and ``generalise`` and the networks of stage ``null_models``, with the
default numbers of starts and steps. Distances have a command of their own (`benchmarks.distances`).
"""

import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

import torch
from torch import Tensor

import threefactor as tf
from benchmarks.tables import table
from threefactor.analysis.attractors.census import census
from threefactor.analysis.landscape.compressibility import error_by_rank, error_by_rank_of_change
from threefactor.analysis.landscape.input_conditions import count_slow_points, draw_starts, search_each
from threefactor.analysis.landscape.sharpness import hessian_spectrum, sharpness
from threefactor.analysis.landscape.tangent_change import tangent_change
from threefactor.analysis.representation.responses import noise_free
from threefactor.analysis.solutions.noise_floor import resampled_rates
from threefactor.analysis.solutions.random_directions import with_random_directions
from threefactor.analysis.solutions.steering import away_from
from threefactor.analysis.solutions.walk import Bounds, walk
from threefactor.contract import Network
from threefactor.experiment import build
from threefactor.experiment.noise_free_rates import analysed_moments, noise_free_rates
from threefactor.experiment.view import View
from threefactor.stages.analyse.costly import EXPONENTS, PLAN, SLOWEST
from threefactor.stages.generalise.conditions import errors
from threefactor.stages.null_models.compute import RESAMPLES
from threefactor.training.batch import convert
from threefactor.training.environment import Environment
from threefactor.training.evaluation import evaluate

SEED = 1


class Subject(NamedTuple):
    """The networks that are measured."""

    settings: View
    environment: Environment
    initial: Network
    final: Network
    inputs: Tensor  # y t c, of noise-free trials of every type
    window: Tensor  # moments of the response window
    states: Tensor  # b y t f, that the networks visit


def run(networks: int, units: int, trials: int) -> None:
    """Print what each measure costs."""
    rows = costs(trained(networks, units, trials))
    print(table(["measure", "CPU time of a network, s"], rows))


def trained(networks: int, units: int, trials: int) -> Subject:
    """Train networks by BPTT."""
    settings = tf.load_settings().changed({"network.units": units, "criterion.horizon": trials})
    initial = tf.draw_networks(settings, networks)
    run = tf.train(settings, tf.make_rule(settings, "bptt"), initial)
    initial, final = (
        convert(one, dtype=torch.float64) for one in (initial, initial._replace(weights=run.weights))
    )
    environment = build.environment(settings)
    every = torch.arange(len(environment.task.trial_types))
    trial = environment.task.draw(every, generator=None, dtype=torch.float64)
    states = noise_free(final, trial.inputs).state[..., ~final.clamped]
    window = trial.window[0].nonzero()[:, 0]
    return Subject(settings, environment, initial, final, trial.inputs, window, states)


def costs(subject: Subject) -> list[list[str]]:
    """Time each measure."""
    rows = []
    for name, measure in measures(subject):
        began = time.process_time()
        measure()
        seconds = (time.process_time() - began) / len(subject.final.weights)
        rows.append([name, f"{seconds:.2g}"])
    return rows


def measures(subject: Subject) -> Iterator[tuple[str, Callable[[], object]]]:
    """Name each measure and how it is made."""
    settings, task, initial, final = (
        subject.settings.analyse,
        subject.environment.task,
        subject.initial,
        subject.final,
    )
    kept = {"tolerance": settings.fixed_point_tolerance, "separation": settings.fixed_point_separation}
    points, few = (
        _starts(subject, count) for count in (settings.fixed_point_starts, settings.attractor_starts)
    )
    size = final.weights.shape[1]
    directions = torch.randn(min(EXPONENTS, size), size, generator=_source(), dtype=torch.float64)
    steps = settings.fixed_point_steps
    yield "noise-free trials", lambda: noise_free(final, subject.inputs)
    yield (
        f"fixed points, {settings.fixed_point_starts} starts an input",
        lambda: search_each(final, points, steps=steps, **kept),
    )
    yield (
        f"slow points, {settings.attractor_starts} starts an input",
        lambda: count_slow_points(final, few, steps=steps, slowest=SLOWEST, **kept),
    )
    yield (
        f"attractors, {settings.attractor_starts} starts an input",
        lambda: census(final, few, PLAN, directions),
    )
    yield (
        "sharpness and its spectrum",
        lambda: sharpness(hessian_spectrum(final, task, generator=_source()), final, settings.flatness),
    )
    yield (
        "change of the tangent kernel",
        lambda: tangent_change(initial, final, subject.inputs, subject.window),
    )
    yield "error by rank of the change", lambda: error_by_rank_of_change(initial, final, task)
    yield "error by rank of the weights", lambda: error_by_rank(final, task)
    single = convert(final, dtype=torch.float32)
    yield "errors out of distribution", lambda: errors(subject.settings, single)
    yield from _nulls(subject)


def _nulls(subject: Subject) -> Iterator[tuple[str, Callable[[], object]]]:
    """Name the networks of each null model and how they are made."""
    settings, initial, final = subject.settings.null_models, subject.initial, subject.final
    environment = subject.environment
    yield (
        f"noisy rates, {RESAMPLES} times {settings.repeats} trials a type",
        lambda: resampled_rates(final, environment, RESAMPLES, settings.repeats, generator=_source()),
    )
    yield "random directions", lambda: with_random_directions(initial, final, generator=_source())
    single = convert(final, dtype=torch.float32)
    level = float(evaluate(single, environment.task).error.max())
    bounds = Bounds(level, settings.noise_excess)
    rates, at = noise_free_rates(subject.settings, single), analysed_moments(subject.settings)
    steering = away_from(rates.flatten(1, 2), at.step)
    for name, steered in (("steered", steering), ("random", None)):
        yield (
            f"{name} walk, {settings.steps} steps",
            lambda steered=steered: walk(
                single, environment, bounds, [settings.steps], generator=_source(), steering=steered
            ),
        )


def _starts(subject: Subject, count: int) -> Tensor:
    """Draw starts of a search, b s f."""
    return torch.stack([draw_starts(own.flatten(0, 1), count, generator=_source()) for own in subject.states])


def _source() -> torch.Generator:
    """Return a source of randomness, always the same."""
    return torch.Generator().manual_seed(SEED)
