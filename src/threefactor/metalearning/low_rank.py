"""Rules of low rank: few products of a function of the rate and a function of the deviation make up theta."""

import torch
from torch import Tensor

Terms = list[tuple[int, int]]


def project(theta: Tensor, terms: Terms, scale: Tensor, rank: int) -> Tensor:
    """Return scaled theta whose raw matrix is the nearest of the rank; p.

    Powers of the rate and of the deviation have units of their own: ``scale_kl`` is about ``u_k v_l``, and nearest is
    meant of ``raw_kl / (u_k v_l)``, which has the rank of the raw matrix and about the size of scaled theta.

    Parameters
    ----------
    theta
        Scaled, p.
    terms
        All (k, l) of some powers k and some powers l.
    scale
        theta / scaled theta, p, positive.
    rank
        Largest rank.
    """
    k, l = (sorted({term[axis] for term in terms}) for axis in (0, 1))
    if len(terms) != len(k) * len(l):
        raise ValueError(f"terms = {terms}: must be every pair of some k and some l where a rank is asked")
    order = torch.tensor([terms.index((m, n)) for m in k for n in l], device=theta.device)
    size = scale.double()[order].view(len(k), len(l))
    logarithm = size.log()
    unit = (logarithm.mean(1, keepdim=True) + logarithm.mean(0) - logarithm.mean()).exp()
    matrix = theta.double()[order].view(len(k), len(l)) * size / unit
    left, values, right = torch.linalg.svd(matrix, full_matrices=False)
    nearest = (left[:, :rank] * values[:rank]) @ right[:rank]
    result = torch.empty_like(theta)
    result[order] = (nearest * unit / size).flatten().to(theta)
    return result
