import numpy as np
import pytest
import torch

from threefactor.analysis.representation import components


def random_rates(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def test_scores_and_variances_equal_the_covariance_route():
    rates = random_rates(2, 11, 5)
    found = components.principal_components(rates, 3)
    for b in range(2):
        values, vectors = np.linalg.eigh(np.cov(rates[b].numpy().T, bias=True))
        np.testing.assert_allclose(found.variance[b], values[::-1], rtol=1e-10)
        overlap = np.abs(found.axes[b].numpy() @ vectors[:, ::-1][:, :3])
        np.testing.assert_allclose(overlap, np.eye(3), atol=1e-8)
    np.testing.assert_allclose(found.scores, components.project(rates, found), atol=1e-12)
    assert (found.axes.gather(2, found.axes.abs().argmax(2, keepdim=True)) > 0).all()


@pytest.mark.parametrize(
    ("variance", "dimension"), [([3.0, 3, 3, 3], 4), ([5.0, 0, 0, 0], 1), ([2.0, 1, 0, 0], 9 / 5)]
)
def test_participation_ratio_of_known_spectra(variance, dimension):
    assert components.participation_ratio(torch.tensor([variance]))[0] == pytest.approx(dimension)


def test_participation_ratio_ignores_scale_and_rotation_but_not_stretching():
    rates = random_rates(1, 30, 4)
    rotation = torch.linalg.qr(random_rates(4, 4, seed=1))[0]
    ratio = lambda x: components.participation_ratio(components.principal_components(x, 1).variance)[0]  # noqa: E731
    assert ratio(3 * rates @ rotation) == pytest.approx(float(ratio(rates)))
    assert abs(ratio(rates * torch.tensor([9.0, 1, 1, 1])) - ratio(rates)) > 1


def test_dimension_of_a_change_is_that_of_its_directions_whatever_was_before():
    before, directions = random_rates(2, 30, 6), torch.linalg.qr(random_rates(6, 6, seed=1))[0]
    course = torch.linalg.qr(random_rates(30, 3, seed=2) - random_rates(30, 3, seed=2).mean(0))[0]
    even = course @ directions[:3]
    uneven = course * torch.tensor([2.0, 1, 0]) @ directions[:3]
    after = before + torch.stack([even, uneven]) + 7
    assert components.change_dimension(before, after).tolist() == pytest.approx([3, (4 + 1) ** 2 / (16 + 1)])
    assert components.change_dimension(before, before).isnan().all()


def test_components_for_counts_to_the_fraction():
    variance = torch.tensor([[6.0, 3, 1, 0], [1.0, 0, 0, 0]], dtype=torch.float64)
    assert components.components_for(variance, 0.9).tolist() == [2, 1]
    assert components.components_for(variance, 0.91).tolist() == [3, 1]
