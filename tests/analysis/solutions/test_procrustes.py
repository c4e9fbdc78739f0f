"""Procrustes shape distance."""

import math

import pytest
import torch
from scipy.linalg import orthogonal_procrustes

from analysis.solutions.made_rates import distances
from random_numbers import noise
from threefactor.analysis.solutions import shape


def test_procrustes_equals_the_best_rotation():
    rates = noise(2, 9, 4)
    x, y = (r / r.norm() for r in shape.centred(rates))
    rotation, _ = orthogonal_procrustes(y.numpy(), x.numpy())
    best = float((x * (y @ torch.as_tensor(rotation))).sum())
    assert float(distances(rates)[0, 1]) == pytest.approx(math.acos(best))


def test_dropping_components_that_hold_nothing_changes_nothing():
    rates = noise(3, 9, 2) @ noise(3, 2, 6, seed=1)
    torch.testing.assert_close(distances(rates, 2), distances(rates, 9), atol=1e-7, rtol=0)


def test_a_pair_among_many_is_as_far_as_alone():
    rates = noise(100, 6, 3)  # 4950 pairs: more than one chunk
    matrix = distances(rates)
    for first, second in ((0, 1), (40, 71), (98, 99)):
        alone = distances(rates[[first, second]])[0, 1]
        torch.testing.assert_close(matrix[first, second], alone)
