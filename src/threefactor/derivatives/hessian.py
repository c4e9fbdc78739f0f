"""Products with the Hessian of the noise-free mean squared error, exactly: the tangent of the adjoint.

With the state tangent chi of weights that move along V, the adjoint a of the states, its tangent b, and
``c[t] = leak m * a[t+1]``, per trial type

    chi[t+1] = chi[t] + leak m * (-chi[t] + W (phi'[t] * chi[t]) + V r[t])                     forwards
    b[t]     = b[t+1] - leak m * b[t+1] + phi'[t] * W^T (leak m * b[t+1]) + source[t]           backwards
    source   = phi'[t] * (V^T c[t] + W_out^T dg[t]) + phi''[t] * chi[t] * (W^T c[t] + W_out^T g[t])
    H V      = sum_t leak m * b[t+1] outer r[t] + c[t] outer (phi'[t] * chi[t])

g is the derivative of the error with respect to the output and dg its tangent (Pearlmutter 1994). The scans are those
that are compiled for gradients.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from threefactor.contract import Network
from threefactor.derivatives.task_error import Runs, in_rows, mean_error, noise_free, run
from threefactor.kernels import activation, scans
from threefactor.network.simulate import rates
from threefactor.network.synapses import existing
from threefactor.tasks.reward import reward
from threefactor.training.environment import Task


class Linearised(NamedTuple):
    """What all products at one point share; b y is one axis."""

    runs: Runs
    slope: Tensor  # b y t+1 i, phi'
    onto_change: Tensor  # b y t i, c
    bend: Tensor  # b y t+1 i, phi'' times the derivative of the error with respect to the rate


def linearise(network: Network, task: Task) -> Linearised:
    """Run the noise-free trials of b networks forwards and backwards, for `product`."""
    runs = run(network, noise_free(network, task))
    copies, trajectory = runs.copies, runs.trajectory
    rate = rates(copies, trajectory)
    slope = activation.slope(rate, copies.activation)
    onto_rate = torch.zeros_like(rate)
    onto_rate[:, 1:] = mean_error(runs, "squared")[1] @ copies.output_weights
    adjoint = scans.adjoint_scan(copies.weights, slope, slope * onto_rate, copies.clamped, copies.leak)
    onto_change = _changes(copies, adjoint)
    onto_rate[:, :-1] += onto_change @ copies.weights
    return Linearised(runs, slope, onto_change, activation.curvature(rate, copies.activation) * onto_rate)


def product(point: Linearised, direction: Tensor) -> Tensor:
    """Return H V of the mean squared error, over weights that exist onto free units.

    Parameters
    ----------
    point
        Of b networks.
    direction
        V, b i j; what it has elsewhere does not count.

    Returns
    -------
    Tensor
        b i j, zero elsewhere.
    """
    runs, copies = point.runs, point.runs.copies
    moved = existing(runs.network, direction)
    tangent = _state_tangent(point, moved)
    rate_tangent = point.slope * tangent
    onto_rate = torch.zeros_like(tangent)
    onto_rate[:, 1:] = _onto_output(runs, rate_tangent[:, 1:]) @ copies.output_weights
    onto_rate[:, :-1] += _by_network(runs, point.onto_change, moved)
    source = point.slope * onto_rate + point.bend * tangent
    adjoint = scans.adjoint_scan(copies.weights, point.slope, source, copies.clamped, copies.leak)
    first, second = in_rows(runs, _changes(copies, adjoint)), in_rows(runs, point.onto_change)
    rate, change = in_rows(runs, runs.trajectory.rate), in_rows(runs, rate_tangent[:, :-1])
    return existing(runs.network, first.mT @ rate + second.mT @ change)


def _state_tangent(point: Linearised, direction: Tensor) -> Tensor:
    """Return the tangent of the states (b y t+1 i) along a direction (b i j)."""
    copies, trajectory = point.runs.copies, point.runs.trajectory
    drive = _by_network(point.runs, trajectory.rate, direction.mT)[:, :, None]
    start = torch.zeros_like(drive[:, 0])
    slope = point.slope[:, :-1]
    return scans.tangent_scan(copies.weights, slope, drive, start, copies.clamped, copies.leak)[:, :, 0]


def _onto_output(runs: Runs, rate_tangent: Tensor) -> Tensor:
    """Return the tangent of the derivative of the error with respect to the outputs, by that of the rates."""
    tangent = rate_tangent @ runs.copies.output_weights.mT
    centred = runs.trial._replace(reward="squared", target=torch.zeros_like(runs.trial.target))
    return -reward(centred, tangent)[1] / runs.trials


def _changes(network: Network, adjoint: Tensor) -> Tensor:
    """Return the derivative with respect to what changes the states (b t i), by that of the states (b t+1 i)."""
    return adjoint[:, 1:] * network.leak * ~network.clamped


def _by_network(runs: Runs, rows: Tensor, matrix: Tensor) -> Tensor:
    """Multiply rows of all trials (b y t i) by a matrix of each network (b i j)."""
    return (in_rows(runs, rows) @ matrix).view_as(rows)
