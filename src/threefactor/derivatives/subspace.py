"""The subspace of weight space in which theta moves what is learned: that spanned by the p weight tangents U_p."""

import torch
from torch import Tensor


def gram(tangent: Tensor, scale: Tensor) -> Tensor:
    """Return ``G_pq = <U_p, U_q>`` of the tangents with respect to scaled theta; b p p, float64.

    Parameters
    ----------
    tangent
        U with respect to raw theta, b p i j.
    scale
        theta / scaled theta, p.
    """
    flat = tangent.flatten(2).double() * scale.double()[:, None]
    return flat @ flat.mT


def alone(gram: Tensor) -> Tensor:
    """Return the Gram matrix of the tangents at length one, their cosines; a tangent of zero stays zero; b p p."""
    size = gram.diagonal(dim1=-2, dim2=-1).clamp_min(0).sqrt()
    product = size[..., None] * size[..., None, :]
    return torch.where(product > 0, gram / product.clamp_min(torch.finfo(gram.dtype).tiny), 0)


def participation_ratio(gram: Tensor) -> Tensor:
    """Return ``(sum_n lambda_n)^2 / sum_n lambda_n^2`` of the eigenvalues; b, NaN where all are zero."""
    trace = gram.diagonal(dim1=-2, dim2=-1).sum(-1)
    return trace**2 / gram.square().sum((-2, -1))


def effective_rank(gram: Tensor) -> Tensor:
    """Return ``exp(-sum_n s_n log s_n)``, s the singular values of U divided by their sum; b, NaN where all are zero.

    Roy & Vetterli (2007).
    """
    eigenvalues = torch.linalg.eigvalsh(gram.nan_to_num()).clamp_min(0)
    floor = torch.finfo(gram.dtype).eps * eigenvalues.amax(-1, keepdim=True) * gram.shape[-1]
    values = torch.where(eigenvalues > floor, eigenvalues, 0).sqrt()
    shares = values / values.sum(-1, keepdim=True)
    whole = torch.exp(-torch.xlogy(shares, shares).sum(-1))
    return torch.where(gram.isfinite().all(-1).all(-1), whole, torch.nan)


def ranks(gram: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return participation ratio, effective rank, and effective rank of the tangents at length one; b each."""
    return participation_ratio(gram), effective_rank(gram), effective_rank(alone(gram))
