"""The environment of a network: its task, the starts, and the perturbations."""

from collections.abc import Mapping
from typing import NamedTuple, Protocol

import torch
from torch import Generator, Tensor

from threefactor.contract import Experience, Network, Trial
from threefactor.network.perturbation import Perturbation, draw_start


class Task(Protocol):
    """What every task offers; see `threefactor.tasks.context` for one.

    Trial types y are cycled, each with a reward baseline of its own. A task is one file of ``tasks/``, the name of which
    is that of the task. It defines

    ``make(duration, time_step, target, reward, *, delay=None, **settings) -> Task``
        Make the task from the settings that all tasks share (`threefactor.tasks.dnms.make`) and from its own, by name,
        each with its default.

    and declares as literals, which are read without importing the file,

    ``SETTINGS``
        The task's own settings, in the form of those of a learning rule (`threefactor.contract.Rule`); left out if there
        are none.
    ``REQUIRES``
        Packages that it needs beside torch; left out if there are none.
    ``OUTPUTS``
        The setting that says how many outputs there are; left out where that is no setting.
    """

    @property
    def steps(self) -> int:
        """Steps of a trial, T."""

    @property
    def trial_types(self) -> tuple[str, ...]:
        """Names of the trial types."""

    @property
    def inputs(self) -> int:
        """Number of input channels, c."""

    @property
    def outputs(self) -> int:
        """Number of outputs, o."""

    @property
    def periods(self) -> Mapping[str, tuple[float, float]]:
        """Onset and end of each named period since trial onset, ms; ``decision`` is one of them."""

    @property
    def factors(self) -> Mapping[str, tuple[int, ...]]:
        """What trial types differ in: for each name, the class of every trial type, from 0.

        The first one is what the period ``delay`` holds, the last one what the decision gives.
        """

    @property
    def chance(self) -> float:
        """Share of correct trials by guessing."""

    def draw(self, trial_type: Tensor, *, generator: Generator | None, dtype: torch.dtype) -> Trial:
        """Return trials of the types b, with noise of the generator; without one, trials without noise."""


class Environment(NamedTuple):
    """A task with the noise of its trials."""

    task: Task
    start_scale: float  # states at t = 0 are U(-scale, scale)
    perturbation: Perturbation


def experience(environment: Environment, network: Network, h: int, *, generator: Generator) -> Experience:
    """Draw trial h for a batch of networks; trial types are cycled.

    Parameters
    ----------
    environment
        Task and noise.
    network
        Gives batch, size, clamped units, device and precision.
    h
        Number of the trial in the learning run, from 0.
    generator
        Of start, perturbations, and the noise of the task, in that order.
    """
    batch, task = len(network.weights), environment.task
    trial_type = torch.full((batch,), h % len(task.trial_types), device=network.weights.device)
    start = draw_start(network, environment.start_scale, generator=generator)
    perturbation = draw_perturbation(environment, network, generator=generator)
    trial = task.draw(trial_type, generator=generator, dtype=network.weights.dtype)
    return Experience(trial, start, perturbation)


def draw_perturbation(environment: Environment, network: Network, *, generator: Generator) -> Tensor:
    """Draw the perturbations of a trial of a batch of networks; b t i."""
    return environment.perturbation.draw(network, environment.task.steps, generator=generator)
