"""The class of an attractor, from its Lyapunov exponents and its returns, as far as the errors allow.

What is zero and what is positive follows from the errors of the exponents. Along a cycle or a torus the vectors of zero
exponents grow and shrink for ever, so that such an exponent is estimated up to its wander, and this is no chance. The
growth of exponents of chaos adds up like chance: one is positive where it is above its wander, and above its standard
error by the quantile of Student's t. An exponent between the two could be either. Both hold of orbits that go on for
ever. One that still comes to rest loses speed in proportion to it, which is tested first.
"""

from typing import NamedTuple

import torch
from scipy.stats import t as student
from torch import Tensor

from threefactor.analysis.attractors.recurrence import Recurrence
from threefactor.network.lyapunov import BLOCKS, Spectrum

CONVERGING, OPEN, CONTRADICTORY, SLOW, WEAK = range(1, 6)

FIXED_POINT, LIMIT_CYCLE, TORUS, CHAOS, UNRESOLVED = range(5)

CLASSES = ("fixed point", "limit cycle", "torus", "chaos", "unresolved")
"""Names of the classes, by their number."""

REASONS = (
    "",
    "still converging: the speed falls, and the orbit does not close",
    "open: the orbit does not close within the run, and fewer than two exponents are zero",
    "the orbit closes, and the largest exponent is positive",
    "slow: the flow is below the tolerance, and no stable fixed point is within the separation",
    "weak: the largest exponent is positive within its error, and the orbit does not close",
)
"""Why an attractor is unresolved, by the number of the reason; nothing of others."""


class Classified(NamedTuple):
    """Classes of n attractors on which the state moves."""

    kind: Tensor  # n, place in `CLASSES`
    reason: Tensor  # n, place in `REASONS`
    zero: (
        Tensor  # n k, bool: exponents that are zero within their wander; of a closed orbit the largest alone
    )


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


def classify(found: Spectrum, returns: Recurrence, slower: Tensor, probability: float) -> Classified:
    """Classify n attractors on which the state moves.

    A limit cycle closes, and has no positive exponent. What does not close and does not lose speed is chaos if an
    exponent is positive, and a torus if two or more are zero and none is above. The rest is unresolved, with a reason.

    Parameters
    ----------
    found : Spectrum
        Of n orbits.
    returns : Recurrence
        Of the orbits.
    slower : Tensor
        From `falling`, (n).
    probability : float
        That an exponent of zero passes for a positive one by chance.
    """
    zero, above = found.exponents.abs() <= found.wander, (found.exponents > found.wander).any(1)
    chance = student.isf(probability, BLOCKS - 1) * found.error
    positive = (found.exponents > torch.maximum(chance, found.wander)).any(1)
    kind = torch.full_like(returns.period, UNRESOLVED, dtype=torch.int64)
    kind[~above & (zero.sum(1) >= 2)] = TORUS
    kind[positive] = CHAOS
    kind[slower] = UNRESOLVED
    kind[returns.closed] = torch.where(positive, UNRESOLVED, LIMIT_CYCLE)[returns.closed]
    not_closed = torch.where(slower, CONVERGING, torch.where(above, WEAK, OPEN))
    reason = torch.where(returns.closed, CONTRADICTORY, not_closed)
    largest = torch.zeros_like(zero).scatter(1, found.exponents.argmax(1, keepdim=True), True)
    zero = torch.where(returns.closed[:, None], largest, zero)
    return Classified(kind, torch.where(kind == UNRESOLVED, reason, 0), zero)
