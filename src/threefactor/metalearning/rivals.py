"""Hand-made rules that a learned one has to beat, and the draws by which their constants are tuned.

A rival is a monomial, the sum of two of them, or a whole theta. Its coefficients are scaled (see
`threefactor.metalearning.scaling`) and of unit weight change, ``a^T C a = 1`` with the correlations C of the monomials'
weight changes. A sum mixes two rivals by an angle,

    a = (cos φ a_1 + sin φ a_2) / |cos φ a_1 + sin φ a_2|_C        φ = π (u - 1/2)

Every rival gets the same number of draws, points of the unit cube: its strength, its angle, and its constants, each in
the logarithm between bounds around the usual value; momentum β by the trials 1 / (1 - β) that it averages. The first
draws are the usual constants at each of `STRENGTHS`, the same for all rivals; all others are normal around the rival's
best so far.
"""

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from threefactor.metalearning.draws import Bounds, between, share_of

MOMENTUM = "plasticity.momentum"
"""The constant of which 1 / (1 - β) is tuned."""

STRENGTH = (0.25, 4.0)
"""Bounds of the weight change, as multiples of the usual one."""

STRENGTHS = (1.0, 0.6, 0.35, 1.7, 2.8)
"""Weight changes of the first draws, as multiples of the usual one."""

OF_RULE = 2  # coordinates of a point that are no constants: strength and angle

EQUAL = 0.75  # u of a sum of equal parts


class Rival(NamedTuple):
    """A hand-made rule before its constants are tuned."""

    name: str
    first: Tensor  # p, scaled coefficients
    second: Tensor | None = None  # p, of a sum
    strength: float = 1.0  # usual weight change, as a multiple of that of theta_33 = 1


def monomials(terms: Sequence[tuple[int, int]]) -> list[Rival]:
    """Return each term (k, l) alone: perturbations raise x, so odd powers of old minus new fall; even ones do either."""
    unit = torch.eye(len(terms), dtype=torch.float64)
    found = []
    for place, (k, l) in enumerate(terms):
        if l % 2:
            found.append(Rival(f"theta_{k}{l}", -unit[place]))
        else:
            found += [Rival(f"+theta_{k}{l}", unit[place]), Rival(f"-theta_{k}{l}", -unit[place])]
    return found


def sums(best: Sequence[Rival]) -> list[Rival]:
    """Return the sum of each two of some rivals."""
    pairs = [(one, other) for place, one in enumerate(best) for other in best[place + 1 :]]
    return [Rival(f"{one.name} and {other.name}", one.first, other.first) for one, other in pairs]


def coefficients(rival: Rival, point: Tensor, correlation: Tensor) -> Tensor:
    """Return the scaled coefficients (p) of a rival at a point of the cube.

    Parameters
    ----------
    rival
        The rule.
    point
        Strength, angle and constants, each from 0 to 1.
    correlation
        Of the weight changes of scaled monomials, p p.
    """
    angle = math.pi * (float(point[1]) - 0.5)
    mixed = (
        rival.first
        if rival.second is None
        else math.cos(angle) * rival.first + math.sin(angle) * rival.second
    )
    return mixed / strength(mixed, correlation) * between(rival.strength, STRENGTH, float(point[0]))


def strength(scaled: Tensor, correlation: Tensor) -> float:
    """Return the weight change of scaled coefficients (p), as a multiple of that of theta_33 = 1."""
    return float((scaled @ correlation.to(scaled) @ scaled).sqrt())


def constants(usual: Mapping[str, float], bounds: Bounds, point: Tensor) -> dict[str, float]:
    """Return the constants of a point, by their keys, in the order of the bounds."""
    shares = point[OF_RULE:].tolist()
    found = {}
    for key, share in zip(bounds, shares, strict=True):
        if key == MOMENTUM:
            trials = between(1 / (1 - usual[key]), bounds[key], share)
            found[key] = 1 - 1 / max(trials, 1.0)
        else:
            found[key] = between(usual[key], bounds[key], share)
    return found


def usual_point(bounds: Bounds, strength: float, *, is_sum: bool) -> Tensor:
    """Return the point of the usual constants, of a strength and, of a sum, equal parts; n."""
    shares = [share_of(1.0, bound) for bound in bounds.values()]
    first = [share_of(strength, STRENGTH), EQUAL if is_sum else 0.5]
    return torch.tensor([*first, *shares], dtype=torch.float64)
