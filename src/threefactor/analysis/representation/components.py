"""Principal components, and the dimension of activity.

With centred rates r = U S Vᵀ of m samples, the variances are λ = S² / m, the scores r V, and

    participation ratio = (Σ λ)² / Σ λ²        between 1 and the rank of r
"""

from typing import NamedTuple

import torch
from torch import Tensor


class Components(NamedTuple):
    """Principal components of a batch of networks.

    Attributes
    ----------
    scores : Tensor
        Samples on the components, (b, m, c), in units of the rates.
    axes : Tensor
        Unit vectors, (b, c, i); the largest loading of each is positive.
    centre : Tensor
        Mean rate of each unit, (b, i).
    variance : Tensor
        All variances in decreasing order, (b, min(m, i)).
    """

    scores: Tensor
    axes: Tensor
    centre: Tensor
    variance: Tensor


def principal_components(rates: Tensor, count: int) -> Components:
    """Find the principal components of each network's rates.

    Parameters
    ----------
    rates : Tensor
        Rates, (b, m, i): m samples (trial types and times) of i units.
    count : int
        Number of components c that are kept as scores and axes.
    """
    centre = rates.mean(1)
    left, singular, right = torch.linalg.svd(rates - centre[:, None], full_matrices=False)
    sign = right.gather(2, right.abs().argmax(2, keepdim=True)).sign()
    axes = (right * sign)[:, :count]
    scores = (left * singular[:, None] * sign.mT)[:, :, :count]
    return Components(scores, axes, centre, singular**2 / rates.shape[1])


def project(rates: Tensor, components: Components) -> Tensor:
    """Give the scores (b, m, c) of other rates (b, m, i) on known components."""
    return (rates - components.centre[:, None]) @ components.axes.mT


def participation_ratio(variance: Tensor) -> Tensor:
    """Measure the dimension of a spectrum of variances, (Σλ)² / Σλ² (Gao et al. 2017).

    Parameters
    ----------
    variance : Tensor
        Variances λ ≥ 0, (b, n).

    Returns
    -------
    Tensor
        Dimension (b), between 1 and n; NaN where nothing varies.
    """
    return variance.sum(-1) ** 2 / (variance**2).sum(-1)


def change_dimension(before: Tensor, after: Tensor) -> Tensor:
    """Measure the dimension of what learning changed in the rates: the participation ratio of after − before.

    Parameters
    ----------
    before, after : Tensor
        Rates of the same m samples, (b, m, i).

    Returns
    -------
    Tensor
        Dimension (b), between 1 and min(m, i); NaN where nothing changed.
    """
    change = after - before
    return participation_ratio(torch.linalg.svdvals(change - change.mean(1, keepdim=True)).square())


def components_for(variance: Tensor, fraction: float) -> Tensor:
    """Count the leading components that hold a fraction of the variance.

    Parameters
    ----------
    variance : Tensor
        Variances in decreasing order, (b, n).
    fraction : float
        Fraction of the total, between 0 and 1.

    Returns
    -------
    Tensor
        Counts (b), from 1 to n.
    """
    cumulated = variance.cumsum(-1) / variance.sum(-1, keepdim=True)
    return (cumulated < fraction - 1e-12).sum(-1) + 1
