"""P values are corrected for their number."""

import numpy as np
import pytest

from threefactor.analysis.recovery.coefficient_table import holm


def test_holm_corrects_each_row():
    chance = np.array([[0.01, 0.04, 0.03], [0.5, 0.2, 0.9]])
    assert holm(chance) == pytest.approx(np.array([[0.03, 0.06, 0.06], [1.0, 0.6, 1.0]]))
    assert holm(chance[0]) == pytest.approx(holm(chance)[0])
