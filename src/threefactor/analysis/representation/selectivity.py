"""Divide the variance between trial types among the variables of the task."""

from torch import Tensor


def selectivity(rates: Tensor, contrasts: Tensor) -> Tensor:
    """Give the fraction of the variance between trial types that follows each contrast.

    With β_c = mean_y c_y r_y, the fraction is Σ_{ti} β_c² / Σ_{ti} var_y(r). The two stimuli and their
    product are orthogonal over four trial types, so their fractions sum to 1: the analysis of variance of a
    2 × 2 design, whose interaction is nonlinear mixed selectivity (Rigotti et al. 2013).

    Parameters
    ----------
    rates : Tensor
        Noise-free rates, (b, y, t, i).
    contrasts : Tensor
        Orthogonal labels ±1 of v variables, each balanced over the trial types, (y, v).

    Returns
    -------
    Tensor
        Fractions 0 to 1, (b, v); NaN where trial types do not differ.
    """
    centred = rates - rates.mean(1, keepdim=True)
    slope = (contrasts.to(rates).T @ centred.flatten(2)) / rates.shape[1]
    total = centred.square().mean(1).sum((-2, -1))
    return slope.square().sum(-1) / total[:, None]
