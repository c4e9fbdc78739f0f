"""One output per outcome: that of the right outcome should be high, and all others low."""

import torch
from torch import Tensor
from torch.nn.functional import one_hot


def wanted(right: Tensor, count: int, target: float) -> Tensor:
    """Return +target for the right outcome and -target for all others.

    Parameters
    ----------
    right
        b, int64, the right one of `count` outcomes.
    count
        Number of outcomes, o.
    target
        Size of the wanted output.

    Returns
    -------
    Tensor
        b o, float64.
    """
    return target * (2 * one_hot(right, count).double() - 1)


def shares(right: Tensor, count: int, dtype: torch.dtype) -> Tensor:
    """Return what each output counts: the right one half, the others the other half.

    Then every constant output within ± target has, on average over outcomes, the error of a silent one, as it has in
    tasks with a single output; with equal shares, to deny every outcome would earn the more the more outcomes there are.

    Parameters
    ----------
    right, count
        As in `wanted`.
    dtype
        Of the result.

    Returns
    -------
    Tensor
        b o, sums to one over o.
    """
    chosen = one_hot(right, count).to(dtype)
    return chosen / 2 + (1 - chosen) / (2 * (count - 1))
