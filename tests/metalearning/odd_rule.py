"""A polynomial rule of chosen terms, for networks of `dnms_run`."""

import torch

from threefactor.contract import Rule
from threefactor.learning_rules import polynomial
from threefactor.learning_rules.polynomial import Polynomial


def odd_rule(theta, terms):
    grid = torch.zeros(4, 4)
    for value, (k, l) in zip(theta, terms, strict=True):
        grid[k, l] = value
    params = Polynomial(grid, terms, 0.01, float("inf"), 0.0, 0.05, False, 1.0, 0.0, 10.0, 3)
    return Rule("polynomial", params, polynomial.init, polynomial.update, 0.7, 5)
