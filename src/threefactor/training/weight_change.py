"""How an update and the weight change so far look: how much of it is clipped, and how many directions it has."""

import torch
from torch import Tensor

from threefactor.contract import Network
from threefactor.network.synapses import existing

AT_CLIP = 1 - 1e-6
"""Part of the clip from which an update counts as clipped: rounding may keep it just below."""


def clipped_share(network: Network, update: Tensor, clip: float) -> Tensor:
    """Return the share of the synapses onto free units whose update (b i j) is as large as the clip; b."""
    is_clipped = existing(network, (update.abs() >= AT_CLIP * clip).to(update.dtype))
    everywhere = existing(network, torch.ones_like(update)) * ~network.clamped[:, None]
    return is_clipped.sum((1, 2)) / everywhere.sum((1, 2))


def participation_rank(change: Tensor) -> Tensor:
    """Return the participation ratio ``(sum s²)² / sum s⁴`` of the singular values s of matrices (b i j); b.

    ``sum s² = |A|²`` and ``sum s⁴ = |A Aᵀ|²`` in the Frobenius norm, so that no decomposition is needed; NaN of zero.
    """
    scaled = change / change.abs().amax((1, 2), keepdim=True)  # s⁴ of small changes would underflow
    return torch.linalg.matrix_norm(scaled) ** 4 / torch.linalg.matrix_norm(scaled @ scaled.mT) ** 2
