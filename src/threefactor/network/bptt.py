"""Backpropagation through the time of one trial, by hand."""

import torch
from torch import Tensor

from threefactor.contract import Network, Trajectory
from threefactor.kernels import scans
from threefactor.network.simulate import slope


def reward_gradient(network: Network, trajectory: Trajectory, output_gradient: Tensor) -> Tensor:
    """Return dR/dW of one trial at fixed noise.

    With the adjoint a of the state (`threefactor.kernels.scans.adjoint_scan`),
    ``dR/dW = leak * sum_t (m * a[t+1]) outer r[t]``.

    Parameters
    ----------
    network
        The batch of b networks.
    trajectory
        Of one trial of that network.
    output_gradient
        b t o, dR/dy.

    Returns
    -------
    Tensor
        b i j; rows of clamped units are zero.
    """
    return rate_gradient(network, trajectory, output_gradient @ network.output_weights)


def rate_gradient(network: Network, trajectory: Trajectory, onto_rate: Tensor) -> Tensor:
    """Return the derivative with respect to W of what depends on the rates of one trial, at fixed noise; b i j.

    As `reward_gradient`, of any objective by its derivative with respect to the rates after each step (b t i).
    """
    source = torch.zeros_like(trajectory.state)
    gain = slope(network, trajectory)
    source[:, 1:] = gain[:, 1:] * onto_rate
    adjoint = scans.adjoint_scan(network.weights, gain, source, network.clamped, network.leak)
    return adjoint[:, 1:].mT @ trajectory.rate * network.leak * ~network.clamped[:, None]
