"""Eigenvalues of the weights, and how far learning moved them."""

import numpy as np
import torch
from scipy.optimize import linear_sum_assignment
from torch import Tensor


def sorted_eigenvalues(weights: Tensor) -> Tensor:
    """Give the complex eigenvalues of weights (b, i, i) by decreasing modulus, as (b, i)."""
    values = torch.linalg.eigvals(weights)
    by_imaginary = values.imag.argsort(dim=-1, stable=True)
    values = values.gather(-1, by_imaginary)
    order = values.abs().round(decimals=9).argsort(dim=-1, descending=True, stable=True)
    return values.gather(-1, order)


def abscissa(eigenvalues: Tensor) -> Tensor:
    """Give the largest real part of eigenvalues (b, i), as (b): above 1, rest at zero is unstable."""
    return eigenvalues.real.amax(-1)


def eigenvalue_change(initial: Tensor, final: Tensor) -> Tensor:
    """Give the mean distance between eigenvalues, matched one to one at the least total distance.

    Parameters
    ----------
    initial, final : Tensor
        Complex eigenvalues in any order, (b, i).

    Returns
    -------
    Tensor
        Mean distance in the complex plane, (b).
    """
    distance = (initial[:, :, None] - final[:, None]).abs().cpu().numpy()
    matched = [matrix[linear_sum_assignment(matrix)].mean() for matrix in distance]
    return torch.as_tensor(np.array(matched), dtype=initial.real.dtype, device=initial.device)
