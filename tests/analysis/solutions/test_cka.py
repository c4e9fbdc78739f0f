"""Linear centred kernel alignment."""

import pytest

from random_numbers import noise
from threefactor.analysis.solutions import cka


def test_cka_equals_the_covariance_form():
    rates = noise(3, 8, 5)
    centred = rates - rates.mean(1, keepdim=True)
    found = cka.linear_cka(rates)
    for i in range(3):
        for j in range(3):
            x, y = centred[i], centred[j]
            slow = (x.T @ y).norm() ** 2 / ((x.T @ x).norm() * (y.T @ y).norm())
            assert float(found[i, j]) == pytest.approx(float(slow))
