"""Designs of regressions, without networks."""

import torch

from small_runs import DOUBLE
from threefactor import seeding


def designs(count=30, terms=5, rows=40):
    """Return blocks whose sizes differ as gates do, most of them being small."""
    draw = {"generator": seeding.generator(7, "designs"), "dtype": DOUBLE}
    X = torch.randn(count, rows, terms, **draw) * torch.randn(count, 1, 1, **draw).abs() ** 1.5
    full = torch.full((count,), rows)
    return X, full
