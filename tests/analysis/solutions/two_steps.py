"""A task of two steps whose outputs are linear in the weights, so that every flat direction is known."""

from typing import NamedTuple

import torch

from random_numbers import noise
from threefactor.contract import Network, Trial

UNITS, INPUTS = 6, 2


class TwoSteps(NamedTuple):
    """Two inputs, one of which is on at each step of a trial of its type; the output counts after the second step."""

    steps: int = 2
    trial_types: tuple[str, ...] = ("a", "b")
    inputs: int = INPUTS
    outputs: int = 1

    def draw(self, trial_type, *, generator=None, dtype=torch.float64):
        inputs = torch.nn.functional.one_hot(trial_type, INPUTS).to(dtype)[:, None].expand(-1, 2, -1)
        window = torch.tensor([0.0, 1.0], dtype=dtype).expand(len(trial_type), -1)
        target = torch.full((len(trial_type), 2, 1), 0.1, dtype=dtype)
        return Trial(inputs.contiguous(), target, window, trial_type, "graded")


def linear_networks(count):
    """Return networks of rectified units that are all active: the output is W_out x, and x is linear in W.

    ``x1 = leak W_in u`` does not depend on W, and ``y = W_out (x2(0) + leak W x1)``.
    """
    positive = [
        noise(count, *shape, seed=seed).abs()
        for seed, shape in enumerate([(UNITS, UNITS), (UNITS, INPUTS), (1, UNITS)])
    ]
    weights, inputs, outputs = 0.1 * positive[0], 1 + positive[1], positive[2]
    clamped = torch.zeros(UNITS, dtype=torch.bool)
    return Network(weights, inputs, outputs, clamped, torch.zeros(UNITS).double(), 0.2, "relu")


def stiff_plane(net):
    """Return orthonormal directions along which outputs change: W_out outer x1 of each trial type; b y n."""
    first = net.leak * net.input_weights.mT  # b y j, the rates after the first step
    outer = net.output_weights.mT[:, None] * first[:, :, None]  # b y i j
    return torch.linalg.qr(outer.flatten(2).mT).Q.mT
