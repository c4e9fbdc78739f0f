"""Slow points: states at which the speed is least, and not zero (Sussillo & Barak 2013).

    q(x) = ‖F(x)‖² / 2           x ← x − (Jᵀ J + μ)⁻¹ Jᵀ F           at a minimum Jᵀ F = 0

with μ a third of the last where q falls, else four times the last, and no step (Levenberg 1944, Marquardt 1963). Newton's
method for F does not find these states: there J is singular along F.

A start of a network of 128 units takes 2 to 15 ms of one core, in double precision, with 100 steps at most.
"""

import torch
from torch import Tensor

from threefactor.analysis.landscape.fixed_points import (
    AT_ONCE,
    FixedPoints,
    distinct,
    flow,
    jacobian,
)
from threefactor.kernels.activation import TANH

DAMPING, LESS, MORE = 1e-2, 1 / 3, 4.0  # first μ, and what a good and a bad step multiply it with

FLAT = 1e-4
"""Largest ‖Jᵀ F‖ / ‖F‖ at a minimum, per time constant: the speed changes by less than this along any direction."""


def descend(
    weights: Tensor,
    drive: Tensor,
    starts: Tensor,
    *,
    steps: int,
    tolerance: float,
    activation: str = TANH,
    at_once: int = AT_ONCE,
) -> tuple[Tensor, Tensor]:
    """Lower the speed from every start until it is least, or zero.

    Parameters
    ----------
    weights : Tensor
        Weights of the free units of one network, (i, i).
    drive, starts : Tensor
        Constant drive and first states, (s, i).
    steps : int
        Most steps taken.
    tolerance : float
        Largest absolute flow of a fixed point, at which a start has arrived.
    activation, at_once
        See `fixed_points.newton`.

    Returns
    -------
    tuple of Tensor
        States (s, i), and ‖Jᵀ F‖ / ‖F‖ there (s), 0 where F is.
    """
    state, slope = starts.clone(), torch.full_like(starts[:, 0], torch.inf)
    damping, active = torch.full_like(slope, DAMPING), torch.arange(len(starts), device=starts.device)
    for _ in range(steps):
        for part in active.split(at_once):
            found = _step(weights, drive[part], state[part], damping[part], activation)
            state[part], damping[part], slope[part] = found
        far = flow(weights, drive[active], state[active], activation).abs().amax(-1) > tolerance
        active = active[far & (slope[active] > FLAT)]
        if not len(active):
            break
    return state, slope


def _step(
    weights: Tensor, drive: Tensor, state: Tensor, damping: Tensor, activation: str
) -> tuple[Tensor, Tensor, Tensor]:
    """Try a step from states (s, i): return states, μ, and the slope of the speed before the step (s)."""
    here, matrix = flow(weights, drive, state, activation), jacobian(weights, state, activation)
    gradient = (matrix.mT @ here[..., None])[..., 0]
    normal = matrix.mT @ matrix
    normal.diagonal(dim1=-2, dim2=-1).add_(damping[:, None])
    moved = state - torch.linalg.solve_ex(normal, gradient)[0]
    speed = here.norm(dim=-1)
    better = flow(weights, drive, moved, activation).norm(dim=-1) < speed
    slope = torch.where(speed > 0, gradient.norm(dim=-1) / speed, 0)
    return (
        torch.where(better[:, None], moved, state),
        damping * torch.where(better, LESS, MORE),
        slope,
    )


def slow_points(
    weights: Tensor,
    drive: Tensor,
    starts: Tensor,
    *,
    steps: int,
    tolerance: float,
    slowest: float,
    separation: float,
    activation: str = TANH,
) -> FixedPoints:
    """Find the distinct slow points of one network under one input, apart from its fixed points.

    Parameters
    ----------
    weights, drive, starts, steps, tolerance, activation
        See `descend`.
    slowest : float
        Largest absolute flow of a slow point, per time constant.
    separation : float
        See `fixed_points.distinct`.
    """
    state, slope = descend(weights, drive, starts, steps=steps, tolerance=tolerance, activation=activation)
    residual = flow(weights, drive, state, activation).abs().amax(-1)
    least = (residual > tolerance) & (slope <= FLAT)
    return distinct(state[least], residual[least], tolerance=slowest, separation=separation)
