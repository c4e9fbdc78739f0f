"""What learning did to the weights: size and rank of ΔW = W_T − W_0."""

import torch
from torch import Tensor


def relative_change(initial: Tensor, final: Tensor) -> Tensor:
    """Give ‖W_T − W_0‖ / ‖W_0‖ (Frobenius) of weights (b, i, j), as (b): small is lazy, large is rich."""
    return torch.linalg.matrix_norm(final - initial) / torch.linalg.matrix_norm(initial)


def rank_entropy(singular: Tensor) -> Tensor:
    """Give the effective rank exp(−Σ p ln p), p = σ / Σσ (Roy & Vetterli 2007).

    Parameters
    ----------
    singular : Tensor
        Singular values, (b, n).

    Returns
    -------
    Tensor
        Rank (b), between 1 and n.
    """
    share = singular / singular.sum(-1, keepdim=True)
    return torch.special.entr(share).sum(-1).exp()


def rank_participation(singular: Tensor) -> Tensor:
    """Give the effective rank (Σσ²)² / Σσ⁴ of singular values (b, n), as (b), between 1 and n."""
    power = singular.square()
    return power.sum(-1) ** 2 / power.square().sum(-1)


def top_fraction(singular: Tensor) -> Tensor:
    """Give σ₁² / Σσ² of singular values (b, n) in decreasing order, as (b): 1 for a change of rank one."""
    power = singular.square()
    return power[..., 0] / power.sum(-1)
