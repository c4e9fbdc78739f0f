"""How far weights can be compressed: the smallest rank of a truncation that keeps the noise-free error.

With the singular values σ_1 ≥ σ_2 ≥ … and vectors u, v of a matrix, its truncation to rank r is Σ_{k ≤ r} σ_k u_k v_kᵀ.

    of the change:   W_r = W_0 + truncation of ΔW = W − W_0
    of the weights:  W_r = truncation of W among free units; weights from clamped units, which act as biases, stay

The error need not fall with the rank. Hence it is measured at every rank, and the smallest rank is the one from which on
all ranks keep it. It is an upper bound of what fitting a network of low rank would need (Valente et al. 2022, NeurIPS):
nothing is fitted, and singular vectors are in order of size, not of use: noise of learning can come before what matters.
Truncations have weights where there is no synapse, and of any sign.

Cost of one network of 128 units and 4 trial types of 100 steps in float64, all ranks: 0.2 s of CPU
(``python -m benchmarks measures``). All truncations of one matrix take 17 MB in float64.
"""

from collections.abc import Iterator

import torch
from torch import Tensor

from threefactor.contract import Network
from threefactor.training.batch import select
from threefactor.training.environment import Task
from threefactor.training.evaluation import evaluate


def error_by_rank_of_change(initial: Network, final: Network, task: Task) -> Tensor:
    """Give the noise-free error with the change of the weights truncated to each rank.

    Parameters
    ----------
    initial, final : Network
        The b networks before and after learning; inputs and readout are those after it.
    task : Task
        On which the error is.

    Returns
    -------
    Tensor
        Error, (b, r), at ranks 0 (no change) to N (all of it).
    """
    changes = (_truncations(change) for change in final.weights - initial.weights)
    return _errors(
        final, (before + part for before, part in zip(initial.weights, changes, strict=True)), task
    )


def error_by_rank(network: Network, task: Task) -> Tensor:
    """Give the noise-free error with the weights among the f free units truncated to each rank, 0 to f; (b, r)."""
    free = (~network.clamped).nonzero()[:, 0]

    def truncated(weights: Tensor) -> Tensor:
        parts = _truncations(weights[free[:, None], free])
        whole = weights.repeat(len(parts), 1, 1)
        whole[:, free[:, None], free] = parts
        return whole

    return _errors(network, map(truncated, network.weights), task)


def smallest_rank(error: Tensor, limit: Tensor | float) -> Tensor:
    """Give the smallest rank from which on no error is above a limit.

    Parameters
    ----------
    error : Tensor
        At ranks from 0, (b, r).
    limit : Tensor or float
        Largest error that counts as kept, one for all or of each network, (b): a level of error or the network's own
        error, times a tolerance. Under one limit for all, a network whose error is further below it can lose more.

    Returns
    -------
    Tensor
        Rank, (b), as floating point numbers; NaN where the error is above the limit even at full rank.
    """
    above = ~(error <= torch.as_tensor(limit).to(error).reshape(-1, 1))
    ranks = torch.arange(1, error.shape[1] + 1, dtype=error.dtype, device=error.device)
    smallest = (above * ranks).amax(1)
    return torch.where(above[:, -1], torch.nan, smallest)


def _truncations(matrix: Tensor) -> Tensor:
    """Give the truncations of a square matrix (n, n) to ranks 0 to n, (n + 1, n, n)."""
    left, singular, right = torch.linalg.svd(matrix)
    parts = (left * singular).T[:, :, None] * right[:, None]
    return torch.cat([torch.zeros_like(matrix)[None], parts.cumsum(0)])


def _errors(network: Network, weights: Iterator[Tensor], task: Task) -> Tensor:
    """Give the errors (b, r) of networks with other weights, (r, i, j) of each in turn."""
    found = []
    for one, own in enumerate(weights):
        index = torch.full((len(own),), one, device=own.device)
        found.append(evaluate(select(network, index)._replace(weights=own), task).error)
    return torch.stack(found)
