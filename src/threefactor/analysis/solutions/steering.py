"""What steers a walk through weight space: away from representations, by the gradient of a similarity of rates."""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor

from threefactor.analysis.solutions.shape import centred
from threefactor.derivatives.task_error import Runs, onto_weights
from threefactor.network.simulate import rate


class Steering(NamedTuple):
    """What a walk ascends: a function of rates."""

    moments: Tensor  # t, index of the steps whose rates count
    ascended: Callable[[Tensor], tuple[Tensor, Tensor]]
    """Of the rates of free units (b, y t, i): what is ascended (b), and its derivative with respect to the rates."""


def away_from(reference: Tensor, moments: Tensor) -> Steering:
    """Return the steering away from the rates of reference networks, one for each walk.

    It ascends ``-CKA = -‖XᵀY‖² / (‖XᵀX‖ ‖YᵀY‖)`` of the centred rates X and Y of walk and reference
    (`threefactor.analysis.solutions.cka`), whose derivative exists at the reference too, where it is zero.

    Parameters
    ----------
    reference
        Rates of free units in the noise-free trials, (b, y t, i).
    moments
        t, index of the steps that they are of.
    """
    held = centred(reference)
    size = torch.linalg.matrix_norm(held.mT @ held)[:, None, None]

    def ascended(rates: Tensor) -> tuple[Tensor, Tensor]:
        samples = centred(rates)
        across, within = held.mT @ samples, samples.mT @ samples
        own = torch.linalg.matrix_norm(within)[:, None, None]
        similarity = across.square().sum((1, 2), keepdim=True) / (own * size)
        gradient = 2 * (held @ across / (own * size) - similarity * samples @ within / own**2)
        return -similarity[:, 0, 0], -centred(gradient)

    return Steering(moments, ascended)


def uphill(runs: Runs, steering: Steering) -> Tensor:
    """Return the derivative of what is ascended with respect to the weights; b i j."""
    free = (~runs.network.clamped).nonzero()[:, 0]
    after = rate(runs.copies, runs.trajectory.state[:, 1:])
    seen = after[:, steering.moments[:, None], free]
    onto_seen = steering.ascended(seen.reshape(len(runs.network.weights), -1, len(free)))[1]
    onto_rate = torch.zeros_like(after)
    onto_rate[:, steering.moments[:, None], free] = onto_seen.reshape(seen.shape)
    return onto_weights(runs, onto_rate)
