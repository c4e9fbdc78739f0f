"""What networks can do at rest: trials without noise, one of each type, in which nothing is learned."""

from typing import NamedTuple

import torch
from torch import Tensor

from threefactor.contract import Network, Trial
from threefactor.network.simulate import simulate
from threefactor.tasks.reward import correct, mean_error
from threefactor.training.environment import Task


class Evaluation(NamedTuple):
    """Noise-free performance, means over the trial types."""

    error: Tensor  # b, mean |y - y*|
    correct: Tensor  # b, share of right answers


def evaluate(network: Network, task: Task) -> Evaluation:
    """Run each network through one noise-free trial of each type.

    States start at zero, clamped units at their value, without perturbations and without noise of the task.

    Parameters
    ----------
    network
        The b networks.
    task
        Of y trial types.
    """
    trials = [noise_free_trial(network, task, y) for y in range(len(task.trial_types))]
    outputs = [simulate(network, trial.inputs, *at_rest(network, trial)).output for trial in trials]
    pairs = list(zip(trials, outputs, strict=True))
    error = torch.stack([mean_error(trial, output) for trial, output in pairs]).mean(0)
    right = torch.stack([correct(trial, output) for trial, output in pairs])
    return Evaluation(error, right.to(error.dtype).mean(0))


def noise_free_trial(network: Network, task: Task, trial_type: int) -> Trial:
    """Return a trial of one type, without noise, for each of b networks."""
    weights = network.weights
    chosen = torch.full((len(weights),), trial_type, device=weights.device)
    return task.draw(chosen, generator=None, dtype=weights.dtype)


def at_rest(network: Network, trial: Trial) -> tuple[Tensor, Tensor]:
    """Return start (b i) and perturbation (b t i) of a trial without noise."""
    batch, steps = trial.inputs.shape[:2]
    start = network.clamped_state.expand(batch, -1).contiguous()
    return start, start.new_zeros(batch, steps, start.shape[1])
