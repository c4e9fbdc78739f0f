"""Errors of networks without learning, as trained and under conditions that they never met.

Every network of the batch meets the same noise and lesions, whichever of them are at a level under whichever rule.

Cost of one network of 128 units with 4 trial types of 100 steps at one level, by the default settings in float32:
0.012 s of CPU (``python -m benchmarks measures``).
"""

from collections.abc import Iterator
from typing import Any

import torch
from torch import Tensor

from threefactor import seeding
from threefactor.analysis.learning.generalisation import BEYOND
from threefactor.contract import Network
from threefactor.experiment import build
from threefactor.experiment.settings.task import FIFTHS
from threefactor.network.lesion import draw_silent, silenced
from threefactor.network.simulate import simulate
from threefactor.tasks.reward import mean_error
from threefactor.training.environment import Environment, Task, experience
from threefactor.training.evaluation import evaluate


def errors(settings: Any, network: Network) -> dict[str, Tensor]:
    """Return the error of each network (b) by condition; conditions that the task does not have are left out."""
    chosen, environment = settings.generalise, build.environment(settings)
    unseen = settings.changed({"perturbation.kind": "gaussian", "perturbation.noise": chosen.noise})
    usual = environment.task
    found = {
        "error": evaluate(network, usual).error,
        "error_known_noise": _noisy(settings, environment, network),
        "error_unseen_noise": _noisy(settings, build.environment(unseen), network),
        "error_weaker_input": evaluate(_with_inputs(network, chosen.weaker_input), usual).error,
        "error_stronger_input": evaluate(_with_inputs(network, chosen.stronger_input), usual).error,
        "error_lesion": _lesioned(settings, usual, network),
        **{name: evaluate(network, task).error for name, task in _longer(settings, usual)},
    }
    beyond = torch.stack([found[name] for name in BEYOND if name in found]).mean(0)
    return {**found, "error_out_of_distribution": beyond}


def _longer(settings: Any, usual: Task) -> Iterator[tuple[str, Task]]:
    """Yield the task with a longer delay, where it has one, and with all periods longer, where settings decide that."""
    chosen, step = settings.generalise, settings.network.time_step_ms
    if "delay" in usual.periods:
        onset, end = usual.periods["delay"]
        delay = {"task.delay_ms": _whole(chosen.delay_factor * (end - onset), step)}
        yield "error_longer_delay", build.task(settings.changed(delay))
    length = {"task.duration_ms": _whole(chosen.duration_factor * settings.task.duration_ms, FIFTHS * step)}
    if settings.task.delay_ms != "":
        length["task.delay_ms"] = _whole(chosen.duration_factor * settings.task.delay_ms, step)
    longer = build.task(settings.changed(length))
    if longer.steps != usual.steps:
        yield "error_longer_trial", longer


def _whole(time: float, unit: float) -> float:
    """Return a time in whole units, at least one."""
    return max(1, round(time / unit)) * unit


def _with_inputs(network: Network, factor: float) -> Network:
    """Return networks whose inputs arrive so many times as strongly."""
    return network._replace(input_weights=factor * network.input_weights)


def _lesioned(settings: Any, task: Task, network: Network) -> Tensor:
    """Return the mean noise-free error over lesions; b."""
    chosen, total = settings.generalise, []
    for draw in range(chosen.lesions):
        source = seeding.generator(settings.seed, "generalise", "lesion", draw)
        silent = draw_silent(network, chosen.lesion_fraction, generator=source)
        total.append(evaluate(silenced(network, silent), task).error)
    return torch.stack(total).mean(0)


def _noisy(settings: Any, environment: Environment, network: Network) -> Tensor:
    """Return the mean error over trials with noise; b."""
    noise, count = build.noise(settings, "generalise", "noise"), settings.generalise.noise_trials
    total = torch.zeros_like(network.weights[:, 0, 0])
    trials = count * len(environment.task.trial_types)
    for h in range(trials):
        trial, start, perturbation = experience(environment, network, h, generator=noise(h))
        total += mean_error(trial, simulate(network, trial.inputs, start, perturbation).output) / trials
    return total
