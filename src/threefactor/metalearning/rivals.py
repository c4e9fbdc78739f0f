"""Hand-made rules that a learned one has to beat, and the draws by which their constants are tuned.

A rival is a monomial, the sum of two of them, or a whole theta. Its coefficients are scaled (see
`threefactor.metalearning.scaling`) and of unit weight change, ``a^T C a = 1`` with the correlations C of the monomials'
weight changes. A sum mixes two rivals by an angle,

    a = (cos φ a_1 + sin φ a_2) / |cos φ a_1 + sin φ a_2|_C        φ = π (u - 1/2)

Every rival gets the same number of draws, points of the unit cube: its strength, its angle, and its constants, each
uniform in the logarithm between bounds around the usual value. The first draw is the usual point, the first half are
quasi-random and the same for all rivals, and all others are normal around the rival's best so far.
"""

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import torch
from torch import Generator, Tensor

from threefactor.metalearning.draws import between

Bounds = Mapping[str, tuple[float, float]]
"""Multiples of the usual value between which a constant is sought, by its key."""

STRENGTH = (0.25, 4.0)
"""Bounds of the weight change, as multiples of that of theta_33 = 1."""

SPREAD = 0.125
"""Standard deviation of draws around the best, as a share of the cube's edge."""

OF_RULE = 2  # coordinates of a point that are no constants: strength and angle

EQUAL = 0.75  # u of a sum of equal parts


class Rival(NamedTuple):
    """A hand-made rule before its constants are tuned."""

    name: str
    first: Tensor  # p, scaled coefficients
    second: Tensor | None = None  # p, of a sum


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
    size = (mixed @ correlation.to(mixed) @ mixed).sqrt()
    return mixed / size * between(1.0, STRENGTH, float(point[0]))


def constants(usual: Mapping[str, float], bounds: Bounds, point: Tensor) -> dict[str, float]:
    """Return the constants of a point, by their keys, in the order of the bounds."""
    shares = point[OF_RULE:].tolist()
    return {key: between(usual[key], bounds[key], share) for key, share in zip(bounds, shares, strict=True)}


def usual_point(bounds: Bounds, *, is_sum: bool) -> Tensor:
    """Return the point of the usual constants, the weight change of theta_33 and, of a sum, equal parts; n."""
    shares = [-math.log(low) / math.log(high / low) for low, high in (STRENGTH, *bounds.values())]
    return torch.tensor([shares[0], EQUAL if is_sum else 0.5, *shares[1:]], dtype=torch.float64)


def near(best: Tensor, *, generator: Generator) -> Tensor:
    """Draw a point around the best one, within the cube; n."""
    step = torch.randn(len(best), generator=generator, dtype=torch.float64)
    return (best + SPREAD * step).clamp(0, 1)
