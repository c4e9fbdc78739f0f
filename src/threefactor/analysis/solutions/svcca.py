"""Singular vector canonical correlation analysis between all pairs of networks.

All pairs of 192 networks of 128 units, 200 samples: 1.3 s of CPU (``python -m benchmarks distances``).
"""

import torch
from torch import Tensor

from threefactor.analysis.solutions.pairs import over_pairs
from threefactor.analysis.solutions.procrustes import nuclear_norm
from threefactor.analysis.solutions.shape import centred

HELD = 0.99
"""Share of the variance that the kept components hold (Raghu et al. 2017)."""


def kept_components(rates: Tensor, most: int) -> tuple[Tensor, Tensor]:
    """Give the leading components of each network that hold `HELD` of its variance.

    Parameters
    ----------
    rates : Tensor
        Rates of the same m samples, (n, m, i).
    most : int
        Largest number of components.

    Returns
    -------
    tuple
        Orthonormal coordinates of the samples, (n, m, c), zero beyond the network's own number of components; and
        these numbers, (n).
    """
    left, singular, _ = torch.linalg.svd(centred(rates), full_matrices=False)
    share = singular.square().cumsum(1) / singular.square().sum(1, keepdim=True)
    count = (1 + (share < HELD).sum(1)).clamp(max=min(most, singular.shape[1]))
    kept = torch.arange(int(count.max()), device=rates.device) < count[:, None]
    return left[:, :, : kept.shape[1]] * kept[:, None], count


def svcca_distance(rates: Tensor, most: int) -> Tensor:
    """Give the arccos of the mean canonical correlation of the components that are kept.

    d = arccos ‖U₁ᵀU₂‖_* / min(c₁, c₂), U the coordinates from `kept_components` (Raghu et al. 2017).

    Parameters
    ----------
    rates : Tensor
        Rates of the same m samples, (n, m, i).
    most : int
        Largest number of components.

    Returns
    -------
    Tensor
        Distances, (n, n), radians, 0 to π/2. No metric: zero where the components of one network lie in those of the
        other.
    """
    coordinates, count = kept_components(rates, most)

    def angle(first: Tensor, second: Tensor) -> Tensor:
        total = nuclear_norm(coordinates[first].mT @ coordinates[second])
        return torch.arccos((total / torch.minimum(count[first], count[second])).clamp(0, 1))

    return over_pairs(angle, coordinates)
