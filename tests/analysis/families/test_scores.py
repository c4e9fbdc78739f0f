"""Scores of rules, and their changes from a reference."""

import numpy as np
import pytest

from threefactor.analysis.families import scores


def test_changes_are_paired_with_the_first_rule():
    smoothed = np.array([[0.1, 0.5], [0.2, 0.6]])
    counts = np.array([[2.0, 0.0], [0.0, 2.0], [1.0, 1.0]])
    error = np.array([[1.0, 2.0], [np.nan, 3.0]])
    found = scores.summary(smoothed, error, 10 * smoothed, smoothed > 0.15, counts)
    assert found.change.tolist() == pytest.approx([0, 0.1])
    assert (found.change_high - found.change_low).max() < 1e-12, "the same in every network"
    assert found.smoothed_error_rate_high[0] > 0.45
    assert found.failed.tolist() == [0, 1]
    assert found.error.tolist() == [1.5, 3.0]
    assert found.reached.tolist() == [1, 2]
    assert list(found.columns) == [column.name for column in scores.SCORES]
