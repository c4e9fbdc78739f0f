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
    onto_change = onto_changes(network, trajectory, output_gradient @ network.output_weights)
    return onto_change.mT @ trajectory.rate


def onto_changes(network: Network, trajectory: Trajectory, onto_rate: Tensor) -> Tensor:
    """Take the derivative of any objective back through one trial, to what moves the states, ``W r[t]`` among it.

    Parameters
    ----------
    network, trajectory
        As in `reward_gradient`.
    onto_rate
        b t i, its derivative with respect to the rates after each step.

    Returns
    -------
    Tensor
        ``leak * m * a[t+1]``, b t i.
    """
    source = torch.zeros_like(trajectory.state)
    gain = slope(network, trajectory)
    source[:, 1:] = gain[:, 1:] * onto_rate
    adjoint = scans.adjoint_scan(network.weights, gain, source, network.clamped, network.leak)
    return adjoint[:, 1:] * network.leak * ~network.clamped
