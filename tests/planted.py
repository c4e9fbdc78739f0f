"""Networks whose attractors are known, and the plan of a census that finds them."""

import torch

from random_numbers import noise
from threefactor.analysis.attractors.attractor import Plan
from threefactor.contract import Network

DOUBLE = torch.float64

PLAN = Plan(
    burn_in=2000, stretch=200, tolerance=1e-7, steps=2000, rounds=3, separation=1e-3, probability=1e-3
)


def network(weights, *, leak=0.1, inputs=0.0):
    """Return b networks of weights (b, i, i), all units free, with two inputs of the given strength, and one output."""
    batch, units = weights.shape[:2]
    free = torch.zeros(units, dtype=torch.bool)
    onto = inputs * noise(batch, units, 2, seed=11)
    return Network(weights, onto, noise(batch, 1, units, seed=12), free, free.to(DOUBLE), leak)


def oscillators(*turns, gain=1.6):
    """Return weights (1, i, i) of oscillators of two units, which do not know of each other; larger turns are faster."""
    pairs = [torch.tensor([[gain, -turn], [turn, gain]], dtype=DOUBLE) for turn in turns]
    return torch.block_diag(*pairs)[None]


def wells(gain=1.8, units=6):
    """Return weights (1, i, i) of rank one, with stable fixed points ±κ, κ = gain tanh κ, and a saddle at zero."""
    return torch.full((1, units, units), gain / units, dtype=DOUBLE)


def chaotic():
    """Return weights (1, 10, 10) that were found to have a largest exponent of 0.01 per step of 0.1 time constants."""
    drawn = torch.randn(200, 10, 10, generator=torch.Generator().manual_seed(0), dtype=DOUBLE)
    return 5 * drawn[119:120] / 10**0.5
