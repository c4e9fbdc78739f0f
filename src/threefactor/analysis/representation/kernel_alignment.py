"""Alignment of two kernels: lazy learning leaves a representation's kernel as it was, rich does not."""

from torch import Tensor


def kernel_alignment(before: Tensor, after: Tensor) -> Tensor:
    """Give the cosine between two kernels of the same samples.

    A = Tr(K_T K_0) / (‖K_T‖ ‖K_0‖), K = r rᵀ over samples (Cristianini et al. 2001; Liu et al. 2023).

    Parameters
    ----------
    before, after : Tensor
        Rates of the same m samples, (b, m, i).

    Returns
    -------
    Tensor
        Alignment 0 to 1, (b).
    """
    first, second = before @ before.mT, after @ after.mT
    norms = first.square().sum((-2, -1)) * second.square().sum((-2, -1))
    return (first * second).sum((-2, -1)) / norms.sqrt()
