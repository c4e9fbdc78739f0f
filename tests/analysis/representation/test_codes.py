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
    rows = codes.code_rows({"first": accuracy, "choice": accuracy}, torch.arange(5.0))
    assert len(rows) == 10
    assert list(rows[0]) == [name for name in codes.DECODING.names() if name != "learning_rule"]
    assert rows[-1] == {
        "variable": "choice",
        "time_ms": 4.0,
        "accuracy": 0.75,
        "low": 0.625,
        "high": 0.875,
        "networks": 2,
    }
    assert codes.code_rows({"first": accuracy[:0]}, torch.arange(5.0)) == []
