"""The error of networks in their task as a function of their weights, over given trials, and its gradient.

Levels of learning are of the mean absolute error in one noise-free trial of each type
(`threefactor.training.evaluation.evaluate`). Its derivative jumps where an output crosses its target, so that it has no
Hessian; curvature is that of the mean squared error over the same trials, outputs and response windows.
"""

from typing import NamedTuple

import torch
from torch import Generator, Tensor

from threefactor.contract import Experience, Network, Trajectory, Trial
from threefactor.network.bptt import onto_changes
from threefactor.network.perturbation import draw_start
from threefactor.network.simulate import simulate
from threefactor.network.synapses import existing
from threefactor.tasks.reward import reward
from threefactor.training.batch import select
from threefactor.training.environment import Environment, Task, draw_perturbation
from threefactor.training.evaluation import at_rest


class Runs(NamedTuple):
    """What b networks did in h trials each."""

    network: Network  # b
    copies: Network  # b h, each network as often as it has trials, in a row
    trial: Trial  # of b h
    trajectory: Trajectory  # of b h

    @property
    def trials(self) -> int:
        """Number of trials of each network, h."""
        return len(self.copies.weights) // len(self.network.weights)


def noise_free(network: Network, task: Task) -> Experience:
    """Return a noise-free trial of each type, from rest, for each of b networks; of b y."""
    copies = _copies(network, len(task.trial_types))
    trial = task.draw(_types(network, task, 1), generator=None, dtype=network.weights.dtype)
    return Experience(trial, *at_rest(copies, trial))


def noisy(network: Network, environment: Environment, repeats: int, *, generator: Generator) -> Experience:
    """Draw some trials of each type, with their noise, for each of b networks; of b h with h = y times `repeats`."""
    task = environment.task
    copies = _copies(network, repeats * len(task.trial_types))
    start = draw_start(copies, environment.start_scale, generator=generator)
    perturbation = draw_perturbation(environment, copies, generator=generator)
    types = _types(network, task, repeats)
    return Experience(task.draw(types, generator=generator, dtype=network.weights.dtype), start, perturbation)


def run(network: Network, experience: Experience) -> Runs:
    """Run each of b networks through its h trials, those of one network in a row (b h)."""
    trial, start, perturbation = experience
    copies = _copies(network, len(start) // len(network.weights))
    return Runs(network, copies, trial, simulate(copies, trial.inputs, start, perturbation))


def mean_error(runs: Runs, kind: str) -> tuple[Tensor, Tensor]:
    """Return an error, the mean over trials of the negative reward, and its derivative.

    Parameters
    ----------
    runs
        Of b networks.
    kind
        ``graded``: mean absolute error; ``squared``: mean squared error (`threefactor.tasks.reward.reward`).

    Returns
    -------
    error : Tensor
        b.
    derivative : Tensor
        With respect to the outputs, b h t o, the first two axes as one.
    """
    earned, slope = reward(runs.trial._replace(reward=kind), runs.trajectory.output)
    return -earned.unflatten(0, (-1, runs.trials)).mean(1), -slope / runs.trials


def error_gradient(runs: Runs, kind: str) -> tuple[Tensor, Tensor]:
    """Return an error (b), as `mean_error`, and its derivative with respect to the weights (b i j)."""
    error, onto_output = mean_error(runs, kind)
    return error, onto_weights(runs, onto_output @ runs.copies.output_weights)


def onto_weights(runs: Runs, onto_rate: Tensor) -> Tensor:
    """Take a derivative with respect to the rates after each step (b h t i) back to the weights that exist; b i j."""
    onto_change = in_rows(runs, onto_changes(runs.copies, runs.trajectory, onto_rate))
    return existing(runs.network, onto_change.mT @ in_rows(runs, runs.trajectory.rate))


def in_rows(runs: Runs, steps: Tensor) -> Tensor:
    """Return the steps of all trials of a network (b h t i) as rows of one matrix; b (h t) i."""
    return steps.reshape(len(runs.network.weights), -1, steps.shape[-1])


def _copies(network: Network, count: int) -> Network:
    """Repeat each network in a row."""
    index = torch.arange(len(network.weights), device=network.weights.device)
    return select(network, index.repeat_interleave(count))


def _types(network: Network, task: Task, repeats: int) -> Tensor:
    """Return the types of the trials of all networks; b h."""
    types = torch.arange(len(task.trial_types), device=network.weights.device)
    return types.repeat(len(network.weights) * repeats)
