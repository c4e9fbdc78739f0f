"""The linear dynamics that best predict the next state of each network: dynamic mode decomposition."""

from typing import NamedTuple

import torch
from torch import Tensor

from threefactor.analysis.solutions.shape import sample_coordinates


class LinearDynamics(NamedTuple):
    """How n networks go on from one moment to the next, in their k leading components."""

    state: Tensor  # n k k, A
    inputs: Tensor  # n k c, B; c = 0 where inputs were left out


def transitions(seen: Tensor, delays: int) -> Tensor:
    """Tell which transitions can be fitted.

    Parameters
    ----------
    seen : Tensor
        Moments that may be used, (t), bool.
    delays : int
        Moments in a row that make a state.

    Returns
    -------
    Tensor
        Whether the transition to a moment can be, (t − delays), bool: from the moment ``delays`` on.
    """
    if len(seen) <= delays:
        return seen[:0]
    return seen.unfold(0, delays + 1, 1).all(1)


def fit(
    rates: Tensor,
    components: int,
    *,
    inputs: Tensor | None = None,
    seen: Tensor | None = None,
    delays: int = 1,
) -> LinearDynamics:
    """Fit the linear dynamics of each network by least squares.

    x[t+1] = A x[t] + B u[t+1] + b: with inputs the decomposition with control of Proctor et al. (2016), without them that
    of Schmid (2010). States x are moments in a row, one after the other, in their leading components, scaled to unit
    norm. The offset b leaves fixed points free to lie anywhere.

    Parameters
    ----------
    rates : Tensor
        Rates, (n, y, t, i).
    components : int
        Number of components k.
    inputs : Tensor, optional
        Inputs in the step that ends at the moment, (y, t, c).
    seen : Tensor, optional
        Moments that are used, (t), bool; all by default.
    delays : int
        Moments in a row that make a state.

    Raises
    ------
    ValueError
        If no two states follow each other.
    """
    seen = torch.ones(rates.shape[2], dtype=torch.bool, device=rates.device) if seen is None else seen
    if not transitions(seen, delays).any():
        raise ValueError(f"seen: must hold {delays + 1} moments in a row")
    whole = seen.unfold(0, delays, 1).all(1)
    follows = whole.nonzero()[:, 0].diff() == 1
    states = rates.unfold(2, delays, 1).flatten(3)[:, :, whole]
    place = sample_coordinates(states.flatten(1, 2), components).unflatten(1, states.shape[1:3])
    before, after = place[:, :, :-1][:, :, follows], place[:, :, 1:][:, :, follows]
    given = rates.new_zeros(*rates.shape[1:3], 0) if inputs is None else inputs
    drive = given[:, delays - 1 :][:, whole][:, 1:][:, follows]
    known = torch.cat([drive, torch.ones_like(after[0, ..., :1])], -1).expand(len(rates), -1, -1, -1)
    regressors = torch.cat([before, known], -1).flatten(1, 2)
    solution = (torch.linalg.pinv(regressors) @ after.flatten(1, 2)).mT
    return LinearDynamics(solution[..., : place.shape[3]], solution[..., place.shape[3] : -1])
