"""Stability near a fixed point."""

import pytest
import torch

from random_numbers import noise
from threefactor.analysis.landscape import stability


def test_henrici_vanishes_for_normal_matrices_only():
    symmetric = noise(1, 4, 4) + noise(1, 4, 4).mT
    values = torch.linalg.eigvals(symmetric)
    assert float(stability.henrici(symmetric, values)) == pytest.approx(0, abs=1e-10)
    shear = torch.tensor([[[1.0, 3], [0, 2]]], dtype=torch.float64)
    assert float(stability.henrici(shear, torch.linalg.eigvals(shear))) == pytest.approx(9)
