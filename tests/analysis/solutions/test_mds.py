"""Classical multidimensional scaling."""

import numpy as np
import pytest

from threefactor.analysis.solutions import mds


def test_mds_recovers_points_of_a_plane_up_to_rotation_but_not_a_curved_space():
    points = np.random.default_rng(0).normal(size=(7, 2))
    matrix = np.linalg.norm(points[:, None] - points, axis=2)
    placed, explained = mds.classical_mds(matrix, 2)
    np.testing.assert_allclose(np.linalg.norm(placed[:, None] - placed, axis=2), matrix, atol=1e-9)
    assert explained == pytest.approx(1)
    assert mds.classical_mds(1 - np.eye(5), 2)[1] == pytest.approx(0.5)
