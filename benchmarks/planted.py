"""Networks with differences of stated size, as points whose distances have the shape of those of trained networks.

Network n of rule r and initialisation i, of gain g, lies at

    x = w ∘ (δ s u_r + a_i + b_g + c_r e_rin)        s² = 1 + a² + b², so that δ is in units of the SD within a rule

with standard normal e, initialisations and gains that are normal with SD a and b, and rules u_r that are centred and have
a mean square of one for each coordinate. Distances are angles between the vectors (1, x), as those of CKA and Procrustes
are angles. Weights, a, b and the mean distance are near those of 160 networks of 8 rules at level 0.35 of
`config/solutions.yaml`: participation ratio 7 (CKA) and 11 (Procrustes), ε² of initialisation 0.25, of gain 0.02 and
0.05 and of the rule 0.12 and 0.11, mean distance 0.50 and 0.40 rad.
"""

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Generator

from threefactor.analysis.solutions.factors import Factor

Array = NDArray[np.float64]


class Plan(NamedTuple):
    """How many networks there are, and what they have beside a difference between rules."""

    rules: int = 8
    networks: int = 24  # initialisations, the same for each rule
    gains: int = 3
    coordinates: int = 30  # of variance 1 / k, k from 1: a participation ratio of 10
    initialisation: float = 0.7  # a
    gain: float = 0.0  # b
    radius: float = 0.32  # root mean square of |x| within a rule


class Planted(NamedTuple):
    """Networks of all rules."""

    points: Array  # x, (n, c)
    rule: NDArray[np.int64]
    network: NDArray[np.int64]
    gain: NDArray[np.int64]

    @property
    def distances(self) -> Array:
        """Return the angles between networks, (n, n)."""
        raised = np.hstack([np.ones((len(self.points), 1)), self.points])
        unit = raised / np.linalg.norm(raised, axis=1, keepdims=True)
        half = np.linalg.norm(unit[:, None] - unit, axis=2) / 2  # exact where angles are small
        return np.asarray(2 * np.arcsin(half.clip(max=1)))

    @property
    def factors(self) -> list[Factor]:
        """Return rule, initialisation and gain."""
        return [
            Factor("learning_rule", self.rule),
            Factor("initialisation", self.network, "gain"),
            Factor("gain", self.gain),
        ]


def normal(*shape: int, generator: Generator) -> Array:
    """Draw standard normal numbers."""
    return np.asarray(torch.randn(*shape, generator=generator, dtype=torch.float64).numpy())


def centred(levels: Array) -> Array:
    """Return levels (l, c) less their mean, with a mean square of one for each coordinate on average."""
    moved = levels - levels.mean(0)
    return np.asarray(moved / np.sqrt((moved**2).mean()))


def planted(
    plan: Plan,
    shift: float,
    generator: Generator,
    *,
    classes: int = 0,
    narrow: float = 1.0,
    missing: float = 0.0,
) -> Planted:
    """Draw networks.

    Parameters
    ----------
    plan
        Sizes.
    shift
        Root mean square distance of a rule from the mean of all, in units of the SD within a rule.
    generator
        Source of randomness.
    classes
        Number of places that rules share; 0 for a place for each.
    narrow
        SD of e of the first half of the rules, where that of the others is 1.
    missing
        Fraction of networks of the first half of the rules that is missing.
    """
    c, within = plan.coordinates, np.sqrt(1 + plan.initialisation**2 + plan.gain**2)
    rule, network = (
        x.ravel() for x in np.meshgrid(np.arange(plan.rules), np.arange(plan.networks), indexing="ij")
    )
    places = centred(normal(classes or plan.rules, c, generator=generator))
    starts = plan.initialisation * normal(plan.networks, c, generator=generator)
    gains = plan.gain * normal(plan.gains, c, generator=generator)
    is_first = rule < plan.rules // 2
    own = normal(len(rule), c, generator=generator) * np.where(is_first, narrow, 1.0)[:, None]
    points = shift * within * places[rule % len(places)] + starts[network] + gains[network % plan.gains] + own
    weights = 1 / np.sqrt(np.arange(1, c + 1))
    scale = plan.radius / (within * np.linalg.norm(weights))
    keep = ~is_first | (torch.rand(len(rule), generator=generator).numpy() >= missing)
    return Planted((points * weights * scale)[keep], rule[keep], network[keep], network[keep] % plan.gains)
