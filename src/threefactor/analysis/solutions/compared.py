"""What distances between networks are computed from."""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from threefactor.contract import Network


class Compared(NamedTuple):
    """The n networks that are compared, in the same noise-free trials of every type y.

    Units i and j are the free ones. Components are principal components of the rates.
    """

    rates: Tensor  # n y t i, at the compared moments t
    inputs: Tensor  # y t c, in the step that ends at the moment
    within: Tensor  # t, bool: the moments in the delay
    weights: Tensor  # n i j
    input_weights: Tensor  # n i c
    output_weights: Tensor  # n o i
    shape_components: int  # components that enter a Procrustes distance, and at most enter SVCCA
    dynamics_components: int = 4  # components whose linear dynamics are compared
    delays: int = 2  # moments in a row that make a state of the delay

    @property
    def samples(self) -> Tensor:
        """The rates of all trials and moments as one list of samples, n m i."""
        return self.rates.flatten(1, 2)


def of_networks(
    network: Network, rates: Tensor, inputs: Tensor, within: Tensor, shape_components: int
) -> Compared:
    """Return what is compared of n networks, with the weights among their free units.

    Parameters
    ----------
    network : Network
        The networks.
    rates : Tensor
        Rates of their free units, (n, y, t, i).
    inputs : Tensor
        Inputs of the trials at the same moments, (y, t, c).
    within : Tensor
        Which moments lie in the delay, (t), bool.
    shape_components : int
        See `Compared`.
    """
    free = ~network.clamped
    return Compared(
        rates,
        inputs,
        within,
        network.weights[:, free][:, :, free],
        network.input_weights[:, free],
        network.output_weights[..., free],
        shape_components,
    )


def some(compared: Compared, which: Tensor | slice) -> Compared:
    """Keep some of the networks, as a distance that is costly needs."""
    return compared._replace(
        rates=compared.rates[which],
        weights=compared.weights[which],
        input_weights=compared.input_weights[which],
        output_weights=compared.output_weights[which],
    )


def together(parts: Sequence[Compared]) -> Compared:
    """Join parts with the same trials into one, network after network."""
    return parts[0]._replace(
        rates=torch.cat([part.rates for part in parts]),
        weights=torch.cat([part.weights for part in parts]),
        input_weights=torch.cat([part.input_weights for part in parts]),
        output_weights=torch.cat([part.output_weights for part in parts]),
    )
