"""One trial of a network with fixed weights."""

import torch
from torch import Tensor

from threefactor.contract import Network, Trajectory
from threefactor.kernels import scans


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
        b t i, xi, added to the input before the leak; a kick of xi moves the state by ``leak * xi``.

    Returns
    -------
    Trajectory
        State b t+1 i, rate b t i, the perturbation, output b t o.
    """
    drive = torch.baddbmm(perturbation, inputs, network.input_weights.mT)
    state, rate = scans.scan(network.weights, drive, start, network.clamped, network.leak)
    return Trajectory(state, rate[:, :-1], perturbation, rate[:, 1:] @ network.output_weights.mT)


def slope(trajectory: Trajectory) -> Tensor:
    """Return the derivative of the rate with respect to the state, ``1 - tanh(x)²``; b t+1 i."""
    rate = torch.cat([trajectory.rate, torch.tanh(trajectory.state[:, -1:])], 1)
    return 1 - rate * rate
