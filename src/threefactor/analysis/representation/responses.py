"""Responses of every network to every trial: the data of all representation analyses."""

from typing import NamedTuple

import torch
from torch import Tensor

from threefactor.contract import Network
from threefactor.network.simulate import rate, simulate
from threefactor.training.batch import select


class Responses(NamedTuple):
    """What b networks did in h trials each.

    Attributes
    ----------
    state : Tensor
        States, (b, h, T + 1, i).
    rate : Tensor
        Rates after each step, φ(state[t + 1]), (b, h, T, i).
    output : Tensor
        Readout after each step, (b, h, T, o).
    """

    state: Tensor
    rate: Tensor
    output: Tensor


def repeated(network: Network, count: int) -> Network:
    """Repeat each of b networks `count` times in a row, so that each copy can meet a trial of its own."""
    index = torch.arange(len(network.weights), device=network.weights.device)
    return select(network, index.repeat_interleave(count))


def respond(network: Network, inputs: Tensor, start: Tensor, perturbation: Tensor) -> Responses:
    """Run every network through its trials.

    Parameters
    ----------
    network : Network
        The b networks.
    inputs : Tensor
        Inputs of h trials, the same for every network, (h, T, c).
    start : Tensor
        First states, (b, h, i), clamped units at their value.
    perturbation : Tensor
        ξ, (b, h, T, i).
    """
    batch, trials = start.shape[:2]
    copies = repeated(network, trials)
    every = inputs.repeat(batch, 1, 1)
    trajectory = simulate(copies, every, start.flatten(0, 1), perturbation.flatten(0, 1))
    state = trajectory.state.unflatten(0, (batch, trials))
    output = trajectory.output.unflatten(0, (batch, trials))
    return Responses(state, rate(network, state[:, :, 1:]), output)


def noise_free(network: Network, inputs: Tensor) -> Responses:
    """Run every network through trials (h, T, c) without perturbations, from rest (clamped units at their value)."""
    batch, units = network.weights.shape[:2]
    trials, steps = inputs.shape[:2]
    start = network.clamped_state.expand(batch, trials, units).contiguous()
    return respond(network, inputs, start, network.weights.new_zeros(batch, trials, steps, units))
