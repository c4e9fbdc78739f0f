"""Summaries of what can be decoded, and when."""

import pytest
import torch

from threefactor.analysis.representation import codes


def test_codes_summarise_the_right_periods():
    accuracy = torch.full((2, 5, 5), 0.5, dtype=torch.float64)
    accuracy[:, 1:3, 1:3] = 0.9
    accuracy[1, 4, 4] = 1.0
    delay, response = torch.tensor([0, 1, 1, 0, 0]).bool(), torch.tensor([0, 0, 0, 0, 1]).bool()
    assert codes.accuracy_within(accuracy, delay).tolist() == pytest.approx([0.9, 0.9])
    assert codes.static_within(accuracy, delay, 0.5).tolist() == pytest.approx([1, 1])
    assert codes.accuracy_within(accuracy, response).tolist() == [0.5, 1.0]
    assert codes.accuracy_within(accuracy, torch.zeros(5).bool()).isnan().all()
