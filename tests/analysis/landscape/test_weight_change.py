import math

import pytest
import torch

from threefactor.analysis.landscape import weight_change


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
