"""The class of an attractor, from its Lyapunov exponents and its returns, as far as the errors allow.

A bound for each exponent says which numbers cannot be told from zero: the error of the estimate times the quantile of
Student's t, or its wander where that is larger. The first is for exponents of chaos, whose growth adds up like chance.
The second is for zero exponents of cycles and tori, whose vectors grow and shrink with the speed along the orbit, which
is no chance. Both hold of orbits that go on for ever. One that still comes to rest loses speed in proportion to it, which
is tested first.
"""

from typing import NamedTuple

import torch
from scipy.stats import t as student
from torch import Tensor

from threefactor.analysis.attractors.recurrence import Recurrence
from threefactor.network.lyapunov import BLOCKS, Spectrum

CONVERGING, OPEN, CONTRADICTORY, SLOW = range(1, 5)

FIXED_POINT, LIMIT_CYCLE, TORUS, CHAOS, UNRESOLVED = range(5)

CLASSES = ("fixed point", "limit cycle", "torus", "chaos", "unresolved")
"""Names of the classes, by their number."""

REASONS = (
    "",
    "still converging: the speed falls, and the orbit does not close",
    "one zero exponent, and the orbit does not close within the run",
    "the orbit closes, and the largest exponent is positive",
    "slow: the flow is below the tolerance, and no stable fixed point is within the separation",
)
"""Why an attractor is unresolved, by the number of the reason; nothing of others."""


class Classified(NamedTuple):
    """Classes of n attractors on which the state moves."""

    kind: Tensor  # n, place in `CLASSES`
    reason: Tensor  # n, place in `REASONS`
    zero: Tensor  # n k, bool: exponents that cannot be told from zero; of a closed orbit the largest alone


def bounds(found: Spectrum, probability: float) -> Tensor:
    """Give the bound (n, k) within which an exponent may be zero, per time step.

    Parameters
    ----------
    found : Spectrum
        Of n orbits.
    probability : float
        That an exponent of zero is outside by chance, on either side.
    """
    return torch.maximum(student.isf(probability, BLOCKS - 1) * found.error, found.wander)


def falling(speed: Tensor, probability: float) -> Tensor:
    """Tell of which orbits the speed falls in proportion to itself, (n), from the norm of each step (n, t).

    A line is fitted to the logarithms of the mean speeds in 20 consecutive parts; its slope is negative with an error of
    the first kind of the given probability.
    """
    size = speed.shape[1] // BLOCKS
    parts = speed[:, : size * BLOCKS].unflatten(1, (BLOCKS, size)).mean(2)
    height = parts.clamp_min(torch.finfo(speed.dtype).tiny).log()
    place = torch.arange(BLOCKS, dtype=speed.dtype, device=speed.device) - (BLOCKS - 1) / 2
    slope = (height * place).sum(1) / place.square().sum()
    left = height - height.mean(1, keepdim=True) - slope[:, None] * place
    error = (left.square().sum(1) / (BLOCKS - 2) / place.square().sum()).sqrt()
    return slope < -student.isf(probability, BLOCKS - 2) * error


def classify(found: Spectrum, bound: Tensor, returns: Recurrence, slower: Tensor) -> Classified:
    """Classify n attractors on which the state moves.

    A limit cycle closes, and has no positive exponent. What does not close and does not lose speed is chaos if an
    exponent is positive, else a torus if two or more cannot be told from zero. The rest is unresolved, with a reason.

    Parameters
    ----------
    found : Spectrum
        Of n orbits.
    bound : Tensor
        From `bounds`, (n, k).
    returns : Recurrence
        Of the orbits.
    slower : Tensor
        From `falling`, (n).
    """
    zero = found.exponents.abs() <= bound
    positive = (found.exponents > bound).any(1)
    largest = torch.zeros_like(zero).scatter(1, found.exponents.argmax(1, keepdim=True), True)
    kind = torch.full_like(returns.period, UNRESOLVED, dtype=torch.int64)
    kind[positive & ~returns.closed] = CHAOS
    kind[~positive & returns.closed] = LIMIT_CYCLE
    kind[~positive & ~returns.closed & (zero.sum(1) >= 2)] = TORUS
    kind[slower & ~returns.closed] = UNRESOLVED
    reason = torch.where(slower, CONVERGING, torch.where(positive, CONTRADICTORY, OPEN))
    zero = torch.where(returns.closed[:, None], largest, zero)
    return Classified(kind, torch.where(kind == UNRESOLVED, reason, 0), zero)
