"""The noise floor of distances between networks: how far one network seems to be from itself.

Rates are means over a few noisy trials of each type. A network measured twice, on trials of its own each time, is a
pair of equal networks, whose distance is due to noise alone. Distances between networks are to be compared with it when
their rates are means over as many trials. Split halves are two resamples.

Cost, of one network of 128 units, four trial types and 100 steps: 0.012 s of CPU for two resamples of four repeats
(``python -m benchmarks measures``).
"""

import torch
from torch import Generator, Tensor

from threefactor.contract import Network
from threefactor.derivatives.task_error import noisy, run
from threefactor.network.simulate import rate
from threefactor.training.environment import Environment


def resampled_rates(
    network: Network, environment: Environment, resamples: int, repeats: int, *, generator: Generator
) -> Tensor:
    """Return mean rates over noisy trials, several times.

    Parameters
    ----------
    network
        n networks.
    environment
        Task, starts and perturbations, all drawn anew for each trial.
    resamples
        r, of disjoint sets of trials.
    repeats
        Trials of each type that a mean is over.
    generator
        Of starts, perturbations, and the noise of the task.

    Returns
    -------
    Tensor
        Rates after each step of the free units, (n, r, y, t, i).
    """
    means = []
    for _ in range(resamples):
        total = _rates(network, environment, generator)
        for _ in range(repeats - 1):
            total += _rates(network, environment, generator)
        means.append(total / repeats)
    return torch.stack(means, 1)


def _rates(network: Network, environment: Environment, generator: Generator) -> Tensor:
    """Return the rates of the free units in one noisy trial of each type; n y t i."""
    runs = run(network, noisy(network, environment, 1, generator=generator))
    state = runs.trajectory.state[:, 1:, ~network.clamped]
    return rate(network, state).unflatten(0, (-1, runs.trials))
