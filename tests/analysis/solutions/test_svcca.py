"""Singular vector canonical correlation analysis."""

import math

import numpy as np
import pytest
import torch
from scipy.linalg import subspace_angles

from random_numbers import noise
from threefactor.analysis.solutions import cka, svcca


def leading(rates, count):
    """Return the samples in their leading components, by NumPy."""
    values = (rates - rates.mean(0)).numpy()
    left, singular, _ = np.linalg.svd(values, full_matrices=False)
    return left[:, :count] * singular[:count]


def test_it_is_the_mean_cosine_of_the_angles_between_the_leading_subspaces():
    rates = noise(2, 9, 6)
    angles = subspace_angles(leading(rates[0], 3), leading(rates[1], 3))
    found = float(svcca.svcca_distance(rates, 3)[0, 1])
    assert found == pytest.approx(math.acos(np.cos(angles).mean()))


def test_components_hold_99_percent_of_the_variance():
    scale = torch.tensor([1.0, 0.5, 0.3, 0.01, 0.001]).double()
    rates = torch.linalg.qr(noise(20, 5) - noise(20, 5).mean(0))[0] * scale
    _, count = svcca.kept_components(torch.stack([rates, rates[:, [4, 3, 2, 1, 0]]]), 5)
    assert count.tolist() == [3, 3]
    coordinates, fewer = svcca.kept_components(rates[None], 2)
    assert fewer.tolist() == [2]
    assert coordinates.shape == (1, 20, 2)


def test_how_much_each_component_varies_does_not_count_while_it_does_in_cka():
    """A network has the same three components as another, each stretched, and a fourth that hardly varies."""
    components = torch.linalg.qr(noise(12, 4) - noise(12, 4).mean(0))[0]
    stretched = torch.stack(
        [
            components * torch.tensor([1.0, 1.0, 1.0, 0.01]).double(),
            components * torch.tensor([2.0, 0.5, 1.0, 0.02]).double(),
        ]
    )
    assert float(svcca.svcca_distance(stretched, 4)[0, 1]) < 1e-6  # arccos near 1
    assert float(cka.cka_distance(stretched)[0, 1]) > 0.3


def test_a_network_within_another_is_at_no_distance():
    components = torch.linalg.qr(noise(12, 4) - noise(12, 4).mean(0))[0]
    nested = torch.stack([components * torch.tensor([1.0, 1.0, 1.0, 0.0]).double(), components])
    assert float(svcca.svcca_distance(nested, 4)[0, 1]) < 1e-6
