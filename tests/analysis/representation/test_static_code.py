"""The index of a static code."""

import pytest
import torch

from threefactor.analysis.representation import static_code


def test_static_index_by_hand():
    accuracy = torch.tensor([[0.9, 0.7], [0.6, 0.8]], dtype=torch.float64)
    assert float(static_code.static_index(accuracy)) == pytest.approx((0.15) / 0.35)
    assert torch.isnan(static_code.static_index(torch.full((3, 3), 0.5)))
