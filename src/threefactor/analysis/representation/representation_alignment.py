"""Alignment of a representation with what it was before learning; lazy learning leaves it as it was, rich does not.

What the weights can do to the outputs is another kernel, see `threefactor.analysis.landscape.tangent_kernel`.
"""

from torch import Tensor


def kernel_cosine(before: Tensor, after: Tensor) -> Tensor:
    """Give Tr(K₁ K₀) / (‖K₁‖ ‖K₀‖) of symmetric kernels (b, m, m), as (b) (Cristianini et al. 2001)."""
    norms = before.square().sum((-2, -1)) * after.square().sum((-2, -1))
    return (before * after).sum((-2, -1)) / norms.sqrt()


def representation_alignment(before: Tensor, after: Tensor) -> Tensor:
    """Give the cosine between the kernels of the rates, K = r rᵀ over samples (Liu et al. 2023, arXiv 2310.08513).

    Parameters
    ----------
    before, after : Tensor
        Rates of the same m samples, (b, m, i).

    Returns
    -------
    Tensor
        Alignment 0 to 1, (b).
    """
    return kernel_cosine(before @ before.mT, after @ after.mT)
