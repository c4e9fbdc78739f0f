"""Features of networks from which a classifier may tell their learning rule."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from threefactor.analysis.representation.selectivity import selectivity


def standardised_within(features: NDArray[np.float64], strata: NDArray[np.int64]) -> NDArray[np.float64]:
    """Give features (n, f) less their mean and by their SD in each stratum (n), such as a task; 0 where they are equal.

    No label enters, so that this may be done before networks are split.
    """
    scaled = np.zeros_like(features)
    for value in np.unique(strata):
        own = features[strata == value]
        spread = own.std(0)
        scaled[strata == value] = (own - own.mean(0)) / np.where(spread > 0, spread, 1)
    return scaled


def unit_statistics(rates: Tensor, factors: Mapping[str, Sequence[int]]) -> Tensor:
    """Describe each unit by itself.

    Parameters
    ----------
    rates : Tensor
        Noise-free rates, (b, y, t, i).
    factors : mapping of str to sequence of int
        Class of each trial type y by the name of the factor.

    Returns
    -------
    Tensor
        (b, i, s): mean rate, its standard deviation over trials and time, mean absolute change from one moment to the
        next, and the fraction of its variance between trial types that follows each factor, 0 where there is none.
    """
    networks, _, _, units = rates.shape
    alone = rates.permute(0, 3, 1, 2).flatten(0, 1)[..., None]
    parts = [
        rates.mean((1, 2)),
        rates.std((1, 2), correction=0),
        rates.diff(dim=2).abs().mean((1, 2)),
        *(one.view(networks, units).nan_to_num() for one in selectivity(alone, factors).values()),
    ]
    return torch.stack(parts, -1)


def subset_features(statistics: Tensor, share: float, *, generator: torch.Generator) -> Tensor:
    """Describe each network by some of its units, drawn anew for each.

    Parameters
    ----------
    statistics : Tensor
        Statistics of all units, (b, i, s).
    share : float
        Fraction of units, rounded up to at least two.
    generator : torch.Generator
        Source of randomness.

    Returns
    -------
    Tensor
        Mean and standard deviation of each statistic over the units drawn, (b, 2 s): none knows which unit is which.
    """
    networks, units, count = statistics.shape
    size = min(units, max(2, math.ceil(share * units)))
    keys = torch.rand(networks, units, generator=generator, dtype=torch.float64)
    chosen = keys.argsort(1)[:, :size].to(statistics.device)
    drawn = statistics.gather(1, chosen[..., None].expand(-1, -1, count))
    return torch.cat([drawn.mean(1), drawn.std(1)], 1)


def trajectory_features(
    observables: Mapping[str, NDArray[np.float64]], trials: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Describe each network by how observables went along its learning (Nayebi et al. 2020).

    Parameters
    ----------
    observables : mapping of str to ndarray
        Such as error, norm and rank of ΔW at each snapshot, (n, s) each.
    trials : ndarray
        Trial of each snapshot, (s), rising.

    Returns
    -------
    ndarray
        (n, f): of each observable its values and its drifts from one snapshot to the next, per trial.
    """
    steps = np.diff(trials)
    return np.hstack([part for one in observables.values() for part in (one, np.diff(one, axis=1) / steps)])
