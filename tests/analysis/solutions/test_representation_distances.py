import pytest
import torch

from analysis.solutions.made_rates import distances
from random_numbers import noise
from threefactor.analysis.solutions import cka
from threefactor.analysis.solutions.representation_distances import DISTANCES, label


def family():
    """Give a representation, the same rotated, scaled and shifted, and the same through a general map."""
    rates = noise(9, 4)
    rotation = torch.linalg.qr(noise(4, 4, seed=1))[0]
    return torch.stack([rates, 3 * rates @ rotation + 2, rates @ noise(4, 4, seed=2)])


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


def test_every_distance_is_of_pairs_and_zero_to_oneself():
    rates = torch.randn(4, 9, 5, generator=torch.Generator().manual_seed(3), dtype=torch.float64)
    for one in DISTANCES:
        found = one.function(rates, 5)
        assert found.shape == (4, 4)
        assert (found.diagonal() == 0).all()
        torch.testing.assert_close(found, found.T)
        assert (found[~torch.eye(4).bool()] > 0.1).all()
        assert label(one.name) == one.label
