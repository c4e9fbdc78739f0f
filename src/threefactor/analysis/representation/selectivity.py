"""Divide the variance between trial types among the factors of the task."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from threefactor.analysis.representation.contrasts import contrasts


def selectivity(rates: Tensor, factors: Mapping[str, Sequence[int]]) -> dict[str, Tensor]:
    """Give the fraction of the variance between trial types that follows each factor.

    With β_c = mean_y c_y r_y over the columns c of a factor, the fraction is Σ_c Σ_{ti} β_c² / Σ_{ti} var_y(r). In
    delayed nonmatch the two stimuli and their product are orthogonal over four trial types, so that their fractions
    sum to 1: the analysis of variance of a 2 × 2 design, whose interaction is nonlinear mixed selectivity (Rigotti
    et al. 2013).

    Parameters
    ----------
    rates : Tensor
        Noise-free rates, (b, y, t, i).
    factors : mapping of str to sequence of int
        Class of each trial type y by the name of the factor.

    Returns
    -------
    dict of Tensor
        Fractions 0 to 1 of each factor, (b); NaN where trial types do not differ.
    """
    columns = [contrasts(classes).to(rates) for classes in factors.values()]
    centred = rates - rates.mean(1, keepdim=True)
    slope = (torch.cat(columns, 1).T @ centred.flatten(2)) / rates.shape[1]
    total = centred.square().mean(1).sum((-2, -1))
    fraction = slope.square().sum(-1) / total[:, None]
    parts = fraction.split([column.shape[1] for column in columns], 1)
    return {name: part.sum(1) for name, part in zip(factors, parts, strict=True)}
