"""What surrounds a network: the task, the starts and the kicks."""

from typing import NamedTuple, Protocol

import torch
from torch import Generator, Tensor

from threefactor.contract import Experience, Network, Trial
from threefactor.network.perturbation import draw_kicks, draw_start


class Task(Protocol):
    """What every task offers; see `threefactor.tasks.dnms` for one."""

    @property
    def steps(self) -> int:
        """Steps of a trial, T."""

    @property
    def kinds(self) -> tuple[str, ...]:
        """Names of the trial types."""

    def draw(self, kind: Tensor, *, dtype: torch.dtype) -> Trial:
        """Return trials of the types b."""


class Environment(NamedTuple):
    """A task with the noise of its trials."""

    task: Task
    start_scale: float  # states at t = 0 are U(-scale, scale)
    kick_size: float  # largest jump of the state by one kick
    kick_probability: float  # per unit and step


def experience(environment: Environment, network: Network, h: int, *, generator: Generator) -> Experience:
    """Draw trial h for a batch of networks; trial types are cycled.

    Parameters
    ----------
    environment
        Task and noise.
    network
        Gives batch, size, clamped units, device and precision.
    h
        Number of the trial in the lifetime, from 0.
    generator
        Of start and kicks.
    """
    batch, task = len(network.weights), environment.task
    kind = torch.full((batch,), h % len(task.kinds), device=network.weights.device)
    trial = task.draw(kind, dtype=network.weights.dtype)
    start = draw_start(network, environment.start_scale, generator=generator)
    kicks = draw_kicks(
        network, task.steps, environment.kick_size, environment.kick_probability, generator=generator
    )
    return Experience(trial, start, kicks)
