"""Tell a static code from a dynamic one by how a decoder generalises across time."""

import torch
from torch import Tensor


def static_index(accuracy: Tensor, chance: float = 0.5) -> Tensor:
    """Compare decoding across times with decoding at the same time.

    index = mean_{t ≠ t'} (a_{tt'} − chance) / mean_t (a_{tt} − chance): 1 for a static code, 0 for a
    dynamic one (Stokes et al. 2013; Murray et al. 2017).

    Parameters
    ----------
    accuracy : Tensor
        Accuracy within one period, (..., train t, test t).
    chance : float
        Accuracy of guessing.

    Returns
    -------
    Tensor
        Index (...); NaN where nothing can be decoded at the same time either.
    """
    excess = accuracy - chance
    times = excess.shape[-1]
    same = excess.diagonal(dim1=-2, dim2=-1).sum(-1)
    across = excess.sum((-2, -1)) - same
    index = (across / (times * (times - 1))) / (same / times)
    return torch.where(same > 0, index, torch.nan)
