import math

import pytest
import torch

from threefactor.analysis.landscape import eigenvalues, weight_change


def test_effective_ranks_of_known_singular_values():
    singular = torch.tensor([[2.0, 2, 2, 0], [5, 0, 0, 0], [3, 1, 0, 0]], dtype=torch.float64)
    entropy = math.exp(-(0.75 * math.log(0.75) + 0.25 * math.log(0.25)))
    assert weight_change.rank_entropy(singular).tolist() == pytest.approx([3, 1, entropy])
    assert weight_change.rank_participation(singular).tolist() == pytest.approx([3, 1, 100 / 82])
    assert weight_change.top_fraction(singular).tolist() == pytest.approx([1 / 3, 1, 0.9])


def test_relative_change_by_hand():
    initial = torch.tensor([[[3.0, 0], [0, 4]]])
    assert float(
        weight_change.relative_change(initial, initial + torch.tensor([[[0, 1.0], [0, 0]]]))
    ) == pytest.approx(0.2)


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
