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
    driven = drive(network, inputs, perturbation)
    state, rate = scans.scan(
        network.weights, driven, start, network.clamped, network.leak, network.activation
    )
    return Trajectory(state, rate[:, :-1], perturbation, rate[:, 1:] @ network.output_weights.mT)


def drive(network: Network, inputs: Tensor, perturbation: Tensor) -> Tensor:
    """Return what comes to the units from outside (b t i): inputs (b t c) by their weights, and perturbations (b t i)."""
    return torch.baddbmm(perturbation, inputs, network.input_weights.mT)


def inputs_of(network: Network, trajectory: Trajectory) -> Tensor:
    """Return what inputs gave the free units in a trial in which weights rested, out of what happened; b t i, zero else.

    ``W_in u[t] = (x[t+1] - (1 - leak) x[t]) / leak - W r[t] - xi[t]``
    """
    state = trajectory.state
    total = (state[:, 1:] - (1 - network.leak) * state[:, :-1]) / network.leak
    within = trajectory.rate @ network.weights.mT + trajectory.perturbation
    return (total - within).masked_fill(network.clamped, 0)


def step(network: Network, state: Tensor, current: Tensor) -> Tensor:
    """Return the next state ``x + m leak (-x + current)`` (b i), where recurrent weights may not rest within a trial."""
    return torch.where(network.clamped, state, state + network.leak * (current - state))


def rate(network: Network, state: Tensor) -> Tensor:
    """Return the rates of states (... i), ``phi(x)``."""
    return activation.rate(state, network.activation)


def rates(network: Network, trajectory: Trajectory) -> Tensor:
    """Return the rates of a trial, the last one too; b t+1 i."""
    return torch.cat([trajectory.rate, rate(network, trajectory.state[:, -1:])], 1)


def slope(network: Network, trajectory: Trajectory) -> Tensor:
    """Return the derivative of the rate with respect to the state, ``phi'(x)``; b t+1 i."""
    return activation.slope(rates(network, trajectory), network.activation)
