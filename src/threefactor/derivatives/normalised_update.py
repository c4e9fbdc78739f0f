"""The derivatives of normalised updates (`threefactor.training.normalised_update`).

Forwards, with u = scaled / bound and c = size unit (1 + u²)^(-3/2):

    square' <- k square' + (1 - k) 2 mean over j of update update'
    step'   = c (update' / sqrt(square) - scaled square' / (2 square))

Backwards the same two lines are transposed.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from threefactor.contract import Learner, Rule
from threefactor.training.normalised_update import inverse_root, kept_share, running_square


class Linearised(NamedTuple):
    """A normalised update at one place."""

    keep: float  # k
    root: Tensor  # b i, sqrt(square)
    inverse: Tensor  # b i, 1 / sqrt(square); zero where that is zero
    scaled: Tensor  # b i j
    slope: Tensor  # b i j, c


def linearise(rule: Rule, before: Learner, update: Tensor) -> Linearised | None:
    """Return the normalisation of a trial as derivatives see it; None where there is none, or in the warm-up."""
    awake = before.trials - rule.warm_up
    if rule.normalisation is None or before.square is None or awake < 0:
        return None
    known = rule.normalisation
    square = running_square(known, awake, before.square, update)
    inverse = inverse_root(square)
    scaled = update * inverse[:, :, None]
    slope = known.size * known.unit * (1 + (scaled / known.bound) ** 2) ** -1.5
    return Linearised(kept_share(known, awake), square.sqrt(), inverse, scaled, slope)


def jvp(here: Linearised, update: Tensor, square: Tensor) -> tuple[Tensor, Tensor]:
    """Return the tangents of the step (b p i j) and of the running mean square after the trial (b p i).

    Parameters
    ----------
    here
        The normalisation of the trial.
    update
        Tangent of the update, b p i j; it is used up.
    square
        Tangent of the running mean square before the trial, b p i.
    """
    units = update.shape[-1]
    # in units of the mean square itself, where there is one: square' / square
    along = torch.einsum("bij,bpij->bpi", here.scaled, update) * here.inverse[:, None] * (2 / units)
    relative = here.keep * square * here.inverse[:, None] ** 2 + (1 - here.keep) * along
    after = here.keep * square + (1 - here.keep) * along * here.root[:, None] ** 2
    step = update.mul_(here.inverse[:, None, :, None])
    step -= 0.5 * here.scaled[:, None] * relative[..., None]
    return step.mul_(here.slope[:, None]), after


def vjp(here: Linearised, onto_step: Tensor, onto_square: Tensor) -> tuple[Tensor, Tensor]:
    """Take derivatives with respect to the step (b i j) and to the mean square after it (b i) back to before.

    Returns
    -------
    update : Tensor
        Derivative with respect to the update, b i j.
    square : Tensor
        That with respect to the running mean square before the trial, b i.
    """
    onto_scaled = onto_step * here.slope
    inverse, units = here.inverse, onto_step.shape[-1]
    onto_after = onto_square - 0.5 * (onto_scaled * here.scaled).sum(2) * inverse**2
    mean = (1 - here.keep) * (2 / units) * onto_after * here.root
    return onto_scaled * inverse[:, :, None] + mean[:, :, None] * here.scaled, here.keep * onto_after
