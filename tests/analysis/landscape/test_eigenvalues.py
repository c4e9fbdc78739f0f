"""Eigenvalues of the weights."""

import pytest
import torch

from threefactor.analysis.landscape import eigenvalues


def test_eigenvalues_are_sorted_and_the_abscissa_is_the_rightmost():
    weights = torch.tensor([[[0.0, -2, 0], [2, 0, 0], [0, 0, 1]]])
    values = eigenvalues.sorted_eigenvalues(weights)[0]
    torch.testing.assert_close(values, torch.tensor([-2j, 2j, 1]).to(values), atol=1e-6, rtol=0)
    assert float(eigenvalues.abscissa(values[None])) == pytest.approx(1)


def test_eigenvalue_change_matches_before_it_measures():
    initial = torch.tensor([[1.0 + 0j, 5, 1j]], dtype=torch.complex128)
    moved = torch.tensor([[5.0 + 0j, 1j + 0.3, 1]], dtype=torch.complex128)
    assert float(eigenvalues.eigenvalue_change(initial, moved)) == pytest.approx(0.1)
    assert float(eigenvalues.eigenvalue_change(initial, initial.flip(1))) == 0
