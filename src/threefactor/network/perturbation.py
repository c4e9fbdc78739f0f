"""Starts, and perturbations of each kind: the randomness of a trial."""

from typing import NamedTuple, Protocol

import torch
from torch import Generator, Tensor

from threefactor.contract import Network


class Perturbation(Protocol):
    """A kind of perturbation, with its constants."""

    def draw(self, network: Network, steps: int, *, generator: Generator) -> Tensor:
        """Draw the perturbations of T steps of a batch of networks, before the leak; b t i."""


class Sparse(NamedTuple):
    """Rare jumps of the state."""

    size: float  # largest jump of the state
    probability: float  # per unit and step, in [0, 1)

    def draw(self, network: Network, steps: int, *, generator: Generator) -> Tensor:
        """Draw them; see `draw_sparse`."""
        return draw_sparse(network, steps, self.size, self.probability, generator=generator)


class Gaussian(NamedTuple):
    """Noise at every step."""

    size: float  # standard deviation of the state of a unit without other input

    def draw(self, network: Network, steps: int, *, generator: Generator) -> Tensor:
        """Draw them; see `draw_gaussian`."""
        return draw_gaussian(network, steps, self.size, generator=generator)


def draw_start(network: Network, scale: float, *, generator: Generator) -> Tensor:
    """Draw the state at t = 0, U(-scale, scale) on free units; b i."""
    batch, units = network.weights.shape[:2]
    state = scale * (2 * torch.rand(batch, units, generator=generator) - 1)
    state = state.to(network.weights)
    return torch.where(network.clamped, network.clamped_state, state)


def draw_sparse(
    network: Network, steps: int, size: float, probability: float, *, generator: Generator
) -> Tensor:
    """Draw sparse perturbations: each unit and step has one with `probability`, a jump of the state U(-size, size).

    Parameters
    ----------
    network
        The batch of b networks.
    steps
        T.
    size
        Largest jump of the state that one perturbation causes.
    probability
        Per unit and step, in [0, 1).
    generator
        Source of the draws.

    Returns
    -------
    Tensor
        xi, b t i, before the leak: jump / leak.

    Notes
    -----
    Draws the gaps between perturbations (geometric) instead of one number per unit and step: equal in law, and a hundred
    times fewer numbers at the default rate.
    """
    batch, units = network.weights.shape[:2]
    count = batch * steps * units
    perturbation = torch.zeros(count, dtype=network.weights.dtype)
    if probability > 0:
        position = _positions(count, probability, generator)
        jump = 2 * torch.rand(len(position), generator=generator) - 1
        perturbation[position] = (size / network.leak * jump).to(perturbation.dtype)
    return perturbation.view(batch, steps, units).to(network.weights.device)


def draw_gaussian(network: Network, steps: int, size: float, *, generator: Generator) -> Tensor:
    """Draw Gaussian perturbations: each unit at every step gets a normal number of its own.

    ``xi ~ N(0, size² (2 - leak) / leak)``, by which the state of a unit without any other input is ``N(0, size²)`` in
    the long run, whatever the time step: a discrete Ornstein-Uhlenbeck process (Song et al. 2016, to first order in the
    leak).

    Parameters
    ----------
    network
        The batch of b networks.
    steps
        T.
    size
        Standard deviation of the state, in units of the state.
    generator
        Source of the draws.

    Returns
    -------
    Tensor
        xi, b t i, before the leak.
    """
    batch, units = network.weights.shape[:2]
    draw = torch.randn(batch, steps, units, generator=generator, dtype=network.weights.dtype)
    scale: float = size * ((2 - network.leak) / network.leak) ** 0.5
    return (scale * draw).to(network.weights.device)


def draw_weight_noise(network: Network, *, generator: Generator) -> Tensor:
    """Draw the noise of a weight change in units of its standard deviation, N(0, 1); b i j."""
    weights = network.weights
    return torch.randn(weights.shape, generator=generator, dtype=weights.dtype).to(weights.device)


def _positions(count: int, probability: float, generator: Generator) -> Tensor:
    """Return the sorted hits of `count` independent draws of `probability`."""
    expected = count * probability
    enough = int(expected + 10 * expected**0.5 + 20)
    gaps = torch.empty(enough, dtype=torch.float64).geometric_(probability, generator=generator)
    position = gaps.cumsum(0).long() - 1
    if position[-1] < count:  # never in practice: ten standard deviations
        position = torch.cat([position, position[-1] + 1 + _positions(count, probability, generator)])
    return position[position < count]
