"""Lesions: units that are silent, and which these are."""

import torch
from torch import Generator, Tensor

from threefactor.contract import Network


def silenced(network: Network, silent: Tensor) -> Network:
    """Return networks in which some units (i, bool) have no rate: nothing comes from them, to units or outputs."""
    weights, output_weights = (
        part.masked_fill(silent, 0) for part in (network.weights, network.output_weights)
    )
    return network._replace(weights=weights, output_weights=output_weights)


def draw_silent(network: Network, fraction: float, *, generator: Generator) -> Tensor:
    """Draw a share of the free units, at least one, the same for all networks of the batch.

    Where an output is read of single units, without which there is none, these are not drawn.

    Parameters
    ----------
    network : Network
        A batch of networks.
    fraction : float
        Share of the units that can be drawn, 0 to 1.
    generator : Generator
        Of the draw, on the CPU.

    Returns
    -------
    Tensor
        Units that are silent, (i), bool.
    """
    read, free = (network.output_weights != 0).flatten(0, 1).any(0), ~network.clamped
    candidates = (free if read[free].all() else free & ~read).nonzero()[:, 0]
    order = torch.randperm(len(candidates), generator=generator).to(candidates.device)
    silent = torch.zeros_like(network.clamped)
    silent[candidates[order[: max(1, round(fraction * len(candidates)))]]] = True
    return silent
