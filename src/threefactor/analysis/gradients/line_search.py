"""Does a small step along an expected update raise the reward, and how far does the linear prediction hold."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from torch import Generator, Tensor

from threefactor.contract import Network
from threefactor.network.bptt import reward_gradient
from threefactor.network.simulate import simulate
from threefactor.network.synapses import hold
from threefactor.tasks.reward import reward
from threefactor.training.environment import Environment, experience


class Steps(NamedTuple):
    """Change of the mean reward by steps along a direction; s b each."""

    change: Tensor  # measured
    predicted: Tensor  # by the gradient at the weights themselves, on the same trials
    standard_error: Tensor  # of the measured change, over trials


def step_along(
    network: Network,
    direction: Tensor,
    lengths: Sequence[float],
    environment: Environment,
    trials: int,
    *,
    generator: Callable[[int], Generator],
) -> Steps:
    """Step along a direction and run the same noisy trials again.

    ``change_s = mean_h [R_h(W + s d) - R_h(W)]`` beside ``s <mean_h dR_h/dW, d>``, d being the direction brought to the
    norm of W.

    Parameters
    ----------
    network
        b networks.
    direction
        b i j, of any norm but zero.
    lengths
        s, of the step in units of the Frobenius norm of W.
    environment
        Task and noise.
    trials
        Number of trials, of cycled types, other than those that the direction was measured on.
    generator
        Of the noise of trial h.
    """
    weights = network.weights
    size = weights.flatten(1).norm(dim=1) / direction.flatten(1).norm(dim=1)
    unit = direction * size[:, None, None]
    changes, slope = [], torch.zeros_like(size)
    for h in range(trials):
        sampled = experience(environment, network, h, generator=generator(h))
        trajectory = simulate(network, sampled.trial.inputs, sampled.start, sampled.perturbation)
        before, output_gradient = reward(sampled.trial, trajectory.output)
        slope += (reward_gradient(network, trajectory, output_gradient) * unit).sum((1, 2)) / trials
        moved = [network._replace(weights=hold(network, weights + s * unit)) for s in lengths]
        outputs = [
            simulate(n, sampled.trial.inputs, sampled.start, sampled.perturbation).output for n in moved
        ]
        changes.append(torch.stack([reward(sampled.trial, output)[0] - before for output in outputs]))
    change = torch.stack(changes)
    predicted = torch.tensor(lengths).to(slope)[:, None] * slope
    return Steps(change.mean(0), predicted, change.std(0, correction=1) / trials**0.5)
