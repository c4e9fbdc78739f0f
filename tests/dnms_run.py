"""A small learning run: networks of twelve units, the rule theta_33, and delayed nonmatch to sample."""

import torch

from threefactor import seeding
from threefactor.contract import Rule
from threefactor.learning_rules import polynomial
from threefactor.learning_rules.polynomial import Polynomial
from threefactor.network import initial
from threefactor.network.perturbation import Sparse
from threefactor.tasks import dnms
from threefactor.training.environment import Environment


def networks(count, units=12):
    return initial.draw(
        units=units,
        inputs=2,
        outputs=1,
        gain=1.5,
        input_scale=2.0,
        clamped={1: 1.0, 10: -1.0},
        readout="unit",
        leak=0.1,
        generators=[seeding.generator(7, "network", n) for n in range(count)],
    )


def theta33(learning_rate=0.01):
    theta = torch.zeros(4, 4)
    theta[3, 3] = -1
    params = Polynomial(theta, (), learning_rate, 3e-3, 1.0, 0.05, False, 1.0, 0.0, 10.0, 3)
    return Rule("polynomial", params, polynomial.init, polynomial.update, 0.7, 5)


def environment():
    return Environment(dnms.make(1000, 20, 0.98, "graded"), 0.1, Sparse(0.5, 0.02))


def noise(h):
    return seeding.generator(7, "trial", h)
