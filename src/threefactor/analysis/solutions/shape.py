"""Prepare representations so that two networks can be compared: the same samples, centred, of unit size."""

import torch
from torch import Tensor


def centred(rates: Tensor) -> Tensor:
    """Centre every unit over the samples: rates (n, m, i) of n networks, as (n, m, i)."""
    return rates - rates.mean(1, keepdim=True)


def sample_coordinates(rates: Tensor, count: int) -> Tensor:
    """Rotate each network onto its leading components and scale it to unit norm.

    Orthogonal changes of the units leave CKA and Procrustes distances as they are, so r = U S Vᵀ may be
    replaced by U S, whose last columns hardly count.

    Parameters
    ----------
    rates : Tensor
        Rates of the same m samples, (n, m, i).
    count : int
        Number of components c that are kept.

    Returns
    -------
    Tensor
        Coordinates of the samples, (n, m, c), with ‖·‖_F = 1.
    """
    # ASSUME: the components beyond `count` are dropped; exact when count >= min(m, i).
    left, singular, _ = torch.linalg.svd(centred(rates), full_matrices=False)
    coordinates = (left * singular[:, None])[:, :, :count]
    return coordinates / torch.linalg.matrix_norm(coordinates, keepdim=True)
