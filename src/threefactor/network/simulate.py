"""One trial of a network with fixed weights."""

import torch
from torch import Tensor

from threefactor.contract import Network, Trajectory
from threefactor.kernels import activation, scans


def simulate(network: Network, inputs: Tensor, start: Tensor, perturbation: Tensor) -> Trajectory:
    """Run a batch of networks through one trial.

    Parameters
    ----------
    network
        The batch of b networks.
    inputs
        b t c.
    start
        b i, the state at t = 0, clamped units at their value.
    perturbation
        b t i, xi, added to the input before the leak; it moves the state by ``leak * xi``.

    Returns
    -------
    Trajectory
        State b t+1 i, rate b t i, the perturbation, output b t o.
    """
    drive = torch.baddbmm(perturbation, inputs, network.input_weights.mT)
    state, rate = scans.scan(network.weights, drive, start, network.clamped, network.leak, network.activation)
    return Trajectory(state, rate[:, :-1], perturbation, rate[:, 1:] @ network.output_weights.mT)


def rate(network: Network, state: Tensor) -> Tensor:
    """Return the rates of states (... i), ``phi(x)``."""
    return activation.rate(state, network.activation)


def rates(network: Network, trajectory: Trajectory) -> Tensor:
    """Return the rates of a trial, the last one too; b t+1 i."""
    return torch.cat([trajectory.rate, rate(network, trajectory.state[:, -1:])], 1)


def slope(network: Network, trajectory: Trajectory) -> Tensor:
    """Return the derivative of the rate with respect to the state, ``phi'(x)``; b t+1 i."""
    return activation.slope(rates(network, trajectory), network.activation)
