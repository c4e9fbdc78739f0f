"""Coverage is that of the error bars."""

import numpy as np
import pytest
import torch

from threefactor.analysis.recovery.coverage import coverage
from threefactor.analysis.recovery.repeats import Repeats

DOUBLE = torch.float64


def drawn(count, true, widen=1.0):
    """Draw fits whose standard errors are right, but for a factor."""
    source = torch.Generator().manual_seed(3)
    error = torch.tensor([0.1, 0.5, 2.0], dtype=DOUBLE)
    noise = torch.randn(count, 3, generator=source, dtype=DOUBLE)
    freedom = torch.full((3,), 1e6, dtype=DOUBLE)
    return Repeats(true + error * noise, (widen * error).expand(count, -1), freedom), error


def test_coverage_is_that_of_the_error_bars():
    true = torch.tensor([1.0, 0.0, 0.0], dtype=DOUBLE)
    right, unit = drawn(1000, true)
    found = coverage(right, true, unit)
    assert found["coverage_low"] < 0.95 < found["coverage_high"]
    assert found["coverage_high"] - found["coverage_low"] < 0.03
    assert found["found"] == 1
    assert 0.02 < found["false_alarms"] < 0.06, "two terms of three, corrected for three"
    assert found["error"] == pytest.approx(1.54 / 10, rel=0.05), (
        "median of a chi of three by the size of the rule"
    )
    narrow = coverage(drawn(1000, true, 0.5)[0], true, unit)
    assert narrow["coverage"] == pytest.approx(0.673, abs=0.03)
    dense = coverage(drawn(10, true + 1)[0], true + 1, unit)
    assert np.isnan(dense["false_alarms"])
