"""Weights of networks that are kept at points of their learning."""

from typing import NamedTuple

import torch
from torch import Tensor

from threefactor.contract import Network


class Kept(NamedTuple):
    """Weights of networks at n points of learning."""

    trial: Tensor  # b n, int64, trials done; -1 where a network was never there
    weights: Tensor  # b n i j
    output_weights: Tensor  # b n o i


def nothing_kept(network: Network, count: int) -> Kept:
    """Return room for so many points; weights are zero where there is nothing."""
    weights, output_weights = network.weights, network.output_weights
    return Kept(
        torch.full((len(weights), count), -1, device=weights.device),
        weights.new_zeros(len(weights), count, *weights.shape[1:]),
        output_weights.new_zeros(len(weights), count, *output_weights.shape[1:]),
    )


def keep(kept: Kept, place: int, network: Network, which: Tensor, done: int) -> None:
    """Write the weights of some networks (b, bool) to a place of what is kept, after so many trials."""
    if which.any():
        kept.trial[which, place] = done
        kept.weights[which, place] = network.weights[which]
        kept.output_weights[which, place] = network.output_weights[which]
