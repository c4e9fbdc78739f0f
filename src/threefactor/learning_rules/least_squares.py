"""Recursive least squares: weights W that make W r of rates r what is wanted, one sample after the other.

    q = P r      k = q / (1 + r^T q)      W <- W - (W r - y*) k^T      P <- P - k q^T      P(0) = I / regularisation

After every sample W is the exact minimum of ``sum |W r - y*|^2 + regularisation |W - W(0)|^2`` over all samples so far,
and P the inverse of ``sum r r^T + regularisation I``. All rows of W share one P; through it the step of a weight depends
on the rates of all units.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from threefactor.contract import Network


class Fit(NamedTuple):
    """Weights that are being fitted."""

    weights: Tensor  # W, b k j
    inverse: Tensor  # P, b j j, symmetric


def first_inverse(network: Network, regularisation: float) -> Tensor:
    """Return P before the first sample; b j j."""
    weights = network.weights
    identity = torch.eye(weights.shape[2], dtype=weights.dtype, device=weights.device)
    return (identity / regularisation).expand_as(weights).contiguous()


def apply(weights: Tensor, rate: Tensor) -> Tensor:
    """Return ``W r`` of weights (b k j) and rates (b j); b k."""
    return (rate[:, None] @ weights.mT)[:, 0]


def after_sample(fit: Fit, rate: Tensor, output: Tensor, wanted: Tensor) -> Fit:
    """Take one sample.

    Parameters
    ----------
    fit
        Before the sample.
    rate
        r, b j.
    output
        ``W r`` by the weights before it, b k.
    wanted
        y*, b k; NaN where nothing is wanted: such an output has no error, and a network without any stays as it is.
    """
    is_wanted = ~wanted.isnan()
    error = torch.where(is_wanted, output - wanted, 0)
    projected = apply(fit.inverse, rate)
    root = (1 + (projected * rate).sum(1, keepdim=True)).rsqrt()
    scaled = (
        is_wanted.any(1, keepdim=True) * root * projected
    )  # k q^T of equal factors, so that P stays symmetric
    weights = torch.addcmul(fit.weights, error[:, :, None], (root * scaled)[:, None], value=-1)
    return Fit(weights, torch.addcmul(fit.inverse, scaled[:, :, None], scaled[:, None], value=-1))


def along(fit: Fit, rates: Tensor, wanted: Tensor, interval: int) -> Fit:
    """Take the samples of a trial: of its rates (b t j), and of what is wanted of each (b t k)."""
    for t in sampled_steps(wanted, interval):
        fit = after_sample(fit, rates[:, t], apply(fit.weights, rates[:, t]), wanted[:, t])
    return fit


def sampled_steps(wanted: Tensor, interval: int) -> list[int]:
    """List every ``interval``-th step of a trial, as far as anything is wanted there (b t k) of any network."""
    is_wanted = (~wanted.isnan()).any(2).any(0).tolist()
    return [t for t in range(0, len(is_wanted), interval) if is_wanted[t]]
