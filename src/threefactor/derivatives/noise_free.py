"""The noise-free error of networks as a function of their weights: one trial of each type, from rest.

Levels of learning are of the mean absolute error (`threefactor.training.evaluation.evaluate`). Its derivative jumps where
an output crosses its target, so that it has no Hessian; curvature is that of the mean squared error over the same trials,
outputs and response windows.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from threefactor.contract import Network, Trajectory, Trial
from threefactor.network.bptt import rate_gradient
from threefactor.network.simulate import simulate
from threefactor.network.synapses import existing
from threefactor.tasks.reward import reward
from threefactor.training.batch import select
from threefactor.training.environment import Task
from threefactor.training.evaluation import at_rest


class NoiseFree(NamedTuple):
    """What b networks did in one noise-free trial of each of y types."""

    network: Network  # b
    copies: Network  # b y, each network as often as there are trial types, in a row
    trial: Trial  # of b y
    trajectory: Trajectory  # of b y

    @property
    def trial_types(self) -> int:
        """Number of trial types, y."""
        return len(self.copies.weights) // len(self.network.weights)


def noise_free_trials(network: Network, task: Task) -> NoiseFree:
    """Run each of b networks through a noise-free trial of each type."""
    batch, count = len(network.weights), len(task.trial_types)
    index = torch.arange(batch, device=network.weights.device)
    copies = select(network, index.repeat_interleave(count))
    trial_type = torch.arange(count, device=index.device).repeat(batch)
    trial = task.draw(trial_type, generator=None, dtype=network.weights.dtype)
    return NoiseFree(network, copies, trial, simulate(copies, trial.inputs, *at_rest(copies, trial)))


def mean_over_types(run: NoiseFree, kind: str) -> tuple[Tensor, Tensor]:
    """Return an error, the mean over trial types of the negative reward, and its derivative.

    Parameters
    ----------
    run
        Of b networks.
    kind
        ``graded``: mean absolute error; ``squared``: mean squared error (`threefactor.tasks.reward.reward`).

    Returns
    -------
    error : Tensor
        b.
    derivative : Tensor
        With respect to the outputs, b y t o, the first two axes as one.
    """
    count = run.trial_types
    earned, slope = reward(run.trial._replace(reward=kind), run.trajectory.output)
    return -earned.unflatten(0, (-1, count)).mean(1), -slope / count


def error_gradient(run: NoiseFree, kind: str) -> tuple[Tensor, Tensor]:
    """Return an error (b), as `mean_over_types`, and its derivative with respect to the weights (b i j)."""
    error, onto_output = mean_over_types(run, kind)
    return error, onto_weights(run, onto_output @ run.copies.output_weights)


def onto_weights(run: NoiseFree, onto_rate: Tensor) -> Tensor:
    """Take a derivative with respect to the rates after each step (b y t i) back to the weights that exist; b i j."""
    gradient = rate_gradient(run.copies, run.trajectory, onto_rate)
    return existing(run.network, gradient.unflatten(0, (-1, run.trial_types)).sum(1))
