"""Representational similarity analysis."""

import math

import numpy as np
import pytest
import torch

from random_numbers import noise
from threefactor.analysis.solutions import cka, rsa


def test_dissimilarities_are_squared_distances_of_samples():
    rates = noise(2, 5, 4)
    pairs = [(i, j) for i in range(5) for j in range(i + 1, 5)]
    slow = [[float((network[i] - network[j]).square().sum()) for i, j in pairs] for network in rates]
    np.testing.assert_allclose(rsa.dissimilarities(rates), slow)


def test_the_distance_is_the_angle_of_their_correlation():
    rates = noise(3, 6, 4)
    first, second = rsa.dissimilarities(rates)[[0, 2]].numpy()
    correlation = float(np.corrcoef(first, second)[0, 1])
    assert float(rsa.rsa_distance(rates)[0, 2]) == pytest.approx(math.acos(correlation))


def test_whitened_it_would_be_cka():
    """Whitening (Diedrichsen et al. 2020) is by the covariance of dissimilarities of samples that are pure noise."""
    rates = noise(2, 6, 4)
    vectors = rsa.dissimilarities(rates)
    row, column = torch.triu_indices(6, 6, 1)
    contrast = torch.eye(6).double()[row] - torch.eye(6).double()[column]
    covariance = (contrast @ contrast.T).square()
    white = torch.linalg.solve(covariance, vectors.T)
    inner = vectors @ white
    cosine = inner[0, 1] / (inner[0, 0] * inner[1, 1]).sqrt()
    torch.testing.assert_close(cosine, cka.linear_cka(rates)[0, 1])
