import math

import numpy as np
import pytest
import torch
from scipy.linalg import orthogonal_procrustes

from threefactor.analysis.solutions import cka, mds, procrustes, shape
from threefactor.analysis.solutions.representation_distances import DISTANCES, label


def noise(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def family():
    """Give a representation, the same rotated, scaled and shifted, and the same through a general map."""
    rates = noise(9, 4)
    rotation = torch.linalg.qr(noise(4, 4, seed=1))[0]
    return torch.stack([rates, 3 * rates @ rotation + 2, rates @ noise(4, 4, seed=2)])


def distances(rates, count=9):
    return procrustes.procrustes_distance(shape.sample_coordinates(rates, count))


def test_cka_equals_the_covariance_form():
    rates = noise(3, 8, 5)
    centred = rates - rates.mean(1, keepdim=True)
    found = cka.linear_cka(rates)
    for i in range(3):
        for j in range(3):
            x, y = centred[i], centred[j]
            slow = (x.T @ y).norm() ** 2 / ((x.T @ x).norm() * (y.T @ y).norm())
            assert float(found[i, j]) == pytest.approx(float(slow))


@pytest.mark.parametrize("measure", [cka.cka_distance, distances])
def test_rotation_scale_and_shift_do_not_count_but_a_general_map_does(measure):
    found = measure(family())
    # arccos near 1 loses half of the digits
    assert float(found[0, 1]) < 1e-6
    assert float(found[0, 2]) > 0.1


@pytest.mark.parametrize("measure", [cka.cka_distance, distances])
def test_distances_are_a_metric(measure):
    found = measure(noise(12, 9, 4))
    torch.testing.assert_close(found, found.T)
    assert (found.diagonal() == 0).all()
    assert (found[:, None, :] + found[None, :, :] >= found[:, :, None] - 1e-12).all()  # through every third


def test_procrustes_equals_the_best_rotation():
    rates = noise(2, 9, 4)
    x, y = (r / r.norm() for r in shape.centred(rates))
    rotation, _ = orthogonal_procrustes(y.numpy(), x.numpy())
    best = float((x * (y @ torch.as_tensor(rotation))).sum())
    assert float(distances(rates)[0, 1]) == pytest.approx(math.acos(best))


def test_dropping_components_that_hold_nothing_changes_nothing():
    rates = noise(3, 9, 2) @ noise(3, 2, 6, seed=1)
    torch.testing.assert_close(distances(rates, 2), distances(rates, 9), atol=1e-7, rtol=0)


def test_a_pair_among_many_is_as_far_as_alone():
    rates = noise(100, 6, 3)  # 4950 pairs: more than one chunk
    matrix = distances(rates)
    for first, second in ((0, 1), (40, 71), (98, 99)):
        alone = distances(rates[[first, second]])[0, 1]
        torch.testing.assert_close(matrix[first, second], alone)


def test_mds_recovers_points_of_a_plane_up_to_rotation_but_not_a_curved_space():
    points = np.random.default_rng(0).normal(size=(7, 2))
    matrix = np.linalg.norm(points[:, None] - points, axis=2)
    placed, explained = mds.classical_mds(matrix, 2)
    np.testing.assert_allclose(np.linalg.norm(placed[:, None] - placed, axis=2), matrix, atol=1e-9)
    assert explained == pytest.approx(1)
    assert mds.classical_mds(1 - np.eye(5), 2)[1] == pytest.approx(0.5)


def test_every_distance_is_of_pairs_and_zero_to_oneself():
    rates = torch.randn(4, 9, 5, generator=torch.Generator().manual_seed(3), dtype=torch.float64)
    for one in DISTANCES:
        found = one.function(rates, 5)
        assert found.shape == (4, 4)
        assert (found.diagonal() == 0).all()
        torch.testing.assert_close(found, found.T)
        assert (found[~torch.eye(4).bool()] > 0.1).all()
        assert label(one.name) == one.label
