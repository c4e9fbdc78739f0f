"""One step of the outer loop: the average over networks, and Adam."""

import pytest
import torch

from small_runs import DOUBLE
from threefactor.contract import MetaGradient
from threefactor.metalearning import ascent


def test_average_clips_long_gradients_and_drops_what_is_not_finite():
    gradient = torch.tensor([[1.0, 0.0], [0.0, 2.0], [300.0, 400.0], [7.0, 7.0]])
    finite = torch.tensor([True, True, True, False])
    mean = ascent.average(MetaGradient(gradient, torch.zeros(4), finite))
    expected = torch.tensor([[1.0, 0.0], [0.0, 2.0], [1.2, 1.6]])
    torch.testing.assert_close(mean.gradient, expected.mean(0))
    torch.testing.assert_close(mean.standard_error, expected.std(0) / 3**0.5)
    assert (mean.clipped, mean.dropped) == (1, 1)
    with pytest.raises(FloatingPointError, match="no network has a finite meta-gradient"):
        ascent.average(MetaGradient(gradient, torch.zeros(4), torch.zeros(4, dtype=torch.bool)))


def test_free_ascent_is_torch_adam():
    state = ascent.start_ascent(torch.tensor([0.5, -0.2], dtype=DOUBLE), 0)
    parameter = torch.nn.Parameter(state.coordinates.clone())
    adam = torch.optim.Adam(
        [parameter], lr=0.1, betas=(ascent.FIRST_DECAY, ascent.SECOND_DECAY), maximize=True
    )
    for n in range(5):
        gradient = torch.tensor([1.0 + n, -2.0 / (n + 1)], dtype=DOUBLE)
        state = ascent.ascend(state, gradient, 0.1)
        parameter.grad = gradient
        adam.step()
        torch.testing.assert_close(state.coordinates, parameter.detach(), rtol=1e-6, atol=1e-8)


def test_a_gradient_of_zero_leaves_theta_where_it_is():
    state = ascent.start_ascent(torch.tensor([-1.0, 0.5]), 0.65)
    torch.testing.assert_close(ascent.ascend(state, torch.zeros(2), 0.1).coordinates, state.coordinates)
