"""Fixed points of a network under a constant input, by damped Newton from many starts at once.

On the free units, with the rates of the clamped ones folded into a constant drive I = W_clamped r_clamped
+ W_in u,

    F(x) = −x + W φ(x) + I = 0           J = −1 + W diag φ'(x)           x ← x − λ J⁻¹ F(x)

with λ the member of {1, ½, ¼ …} that leaves the smallest ‖F‖ (Sussillo & Barak 2013, by Newton steps).
Where every member leaves a larger ‖F‖ the best is taken all the same: in a chaotic network ‖F‖ has local
minima that are no fixed points, and many starts that insist on descent end there.

A step of a start takes 90 µs of one core with 125 free units, in double precision, most of it the solution.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from threefactor.kernels.activation import TANH
from threefactor.kernels.activation import rate as phi
from threefactor.kernels.activation import slope as slope_at

AT_ONCE = 8
"""Jacobians that are solved together: so few that they stay in the cache of a processor; a GPU wants all."""

_DAMPING = 2.0 ** -torch.arange(7)


class FixedPoints(NamedTuple):
    """Distinct fixed points of one network under one input.

    Attributes
    ----------
    state : Tensor
        States of the free units, (n, i), most often found first.
    residual : Tensor
        Largest absolute flow max_i |F_i|, (n).
    hits : Tensor
        Number of starts that ended at each, (n).
    """

    state: Tensor
    residual: Tensor
    hits: Tensor


def flow(weights: Tensor, drive: Tensor, state: Tensor, activation: str = TANH) -> Tensor:
    """Give F(x) of states (s, i), drives (s, i) and weights (s, i, i) or (i, i), as (s, i)."""
    rate = phi(state, activation)
    recurrent = rate @ weights.mT if weights.dim() == 2 else (weights @ rate[..., None])[..., 0]
    return recurrent - state + drive


def jacobian(weights: Tensor, state: Tensor, activation: str = TANH) -> Tensor:
    """Give J = −1 + W diag φ'(x) of states (s, i) and weights (s, i, i) or (i, i), as (s, i, i)."""
    matrix = weights * slope_at(phi(state, activation), activation)[..., None, :]
    matrix.diagonal(dim1=-2, dim2=-1).sub_(1)
    return matrix


def _newton_step(weights: Tensor, drive: Tensor, state: Tensor, activation: str) -> Tensor:
    """Take the best damped step from states (s, i)."""
    here = flow(weights, drive, state, activation)
    direction, _ = torch.linalg.solve_ex(jacobian(weights, state, activation), here)
    damping = _DAMPING.to(state)[:, None, None]
    candidates = state - damping * direction
    size = flow(weights, drive, candidates, activation).norm(dim=-1).nan_to_num(nan=torch.inf)
    return candidates[size.argmin(0), torch.arange(len(state), device=state.device)]


def newton(
    weights: Tensor,
    drive: Tensor,
    starts: Tensor,
    *,
    steps: int,
    tolerance: float,
    activation: str = TANH,
    at_once: int = AT_ONCE,
) -> tuple[Tensor, Tensor]:
    """Follow damped Newton steps from every start until the flow vanishes.

    Parameters
    ----------
    weights : Tensor
        Weights of the free units, (s, i, i), or (i, i) for starts of one network.
    drive : Tensor
        Constant drive, (s, i).
    starts : Tensor
        First states, (s, i).
    steps : int
        Most steps taken.
    tolerance : float
        Largest absolute flow at which a start has arrived.
    activation : str
        φ, one of `threefactor.kernels.activation.ACTIVATIONS`; of relu the slope at a corner is taken as 0.
    at_once : int
        Starts whose Jacobians are made and solved together.

    Returns
    -------
    tuple of Tensor
        States (s, i) and residuals max_i |F_i| (s), above the tolerance where a start found nothing.
    """
    state, active = starts.clone(), torch.arange(len(starts), device=starts.device)
    columns = (
        weights.mT.contiguous().mT
    )  # as LAPACK wants matrices: a Jacobian made from these is not turned round
    for _ in range(steps):
        for part in active.split(at_once):
            local = columns if columns.dim() == 2 else columns[part]
            state[part] = _newton_step(local, drive[part], state[part], activation)
        local = weights if weights.dim() == 2 else weights[active]
        active = active[flow(local, drive[active], state[active], activation).abs().amax(-1) > tolerance]
        if not len(active):
            break
    return state, flow(weights, drive, state, activation).abs().amax(-1)


def distinct(state: Tensor, residual: Tensor, *, tolerance: float, separation: float) -> FixedPoints:
    """Keep one of each group of states that coincide, among those that arrived.

    Parameters
    ----------
    state, residual : Tensor
        States (s, i) and residuals (s) from `newton`.
    tolerance : float
        Largest residual that counts as arrived.
    separation : float
        Least root mean square distance per unit between two distinct fixed points.
    """
    arrived = residual <= tolerance
    state, residual = state[arrived], residual[arrived]
    close = (
        torch.cdist(state, state, compute_mode="donot_use_mm_for_euclid_dist") / state.shape[-1] ** 0.5
        < separation
    )
    owner = close.to(torch.int8).argmax(1) if len(state) else residual.long()
    first, hits = owner.unique(return_counts=True)
    order = hits.argsort(descending=True, stable=True)
    first = first[order]
    return FixedPoints(state[first], residual[first], hits[order])


def free_system(
    weights: Tensor, input_drive: Tensor, clamped: Tensor, clamped_rate: Tensor
) -> tuple[Tensor, Tensor]:
    """Restrict networks to their free units and fold the clamped units into the drive.

    Parameters
    ----------
    weights : Tensor
        Recurrent weights, (b, i, j).
    input_drive : Tensor
        W_in u, (b, i).
    clamped : Tensor
        True on clamped units, (i).
    clamped_rate : Tensor
        Rates φ(x) of all units at the start, (b, i); only those of clamped units are used.

    Returns
    -------
    tuple of Tensor
        Weights among the free units (b, f, f) and constant drive (b, f).
    """
    free = ~clamped
    onto_free = weights[:, free]
    constant = (onto_free[:, :, clamped] @ clamped_rate[:, clamped, None])[..., 0]
    return onto_free[:, :, free], input_drive[:, free] + constant
