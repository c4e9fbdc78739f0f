"""Rates, their slopes and curvatures against autograd and the complex step."""

import pytest
import torch

import references
from threefactor.kernels import activation


@pytest.mark.parametrize("phi", activation.ACTIVATIONS)
def test_slopes_are_derivatives_of_rates(phi):
    state = torch.cat([torch.linspace(-50, 50, 401), torch.tensor([0.0, 1e-3, -1e-3])]).double()
    moved = state.clone().requires_grad_()
    rate = activation.rate(moved, phi)
    (exact,) = torch.autograd.grad(rate.sum(), moved)
    torch.testing.assert_close(activation.slope(rate.detach(), phi), exact, rtol=1e-12, atol=1e-15)
    torch.testing.assert_close(rate.detach(), references.RATES[phi](state), rtol=1e-9, atol=1e-15)
    stepped = activation.rate(torch.complex(state, torch.full_like(state, 1e-30)), phi)
    torch.testing.assert_close(stepped.imag / 1e-30, exact, rtol=1e-10, atol=1e-14)
    assert activation.rate(torch.tensor(float("nan")), phi).isnan()
    with pytest.raises(ValueError, match="activation = 'cube': must be one of tanh, relu, softplus"):
        activation.rate(state, "cube")


@pytest.mark.parametrize("phi", activation.ACTIVATIONS)
def test_curvatures_are_derivatives_of_slopes(phi):
    state = torch.cat([torch.linspace(-30, 30, 401), torch.tensor([1e-3, -1e-3])]).double()
    rate = activation.rate(torch.complex(state, torch.full_like(state, 1e-30)), phi)
    if phi == "relu":  # whose slope jumps: no derivative there, and 0 elsewhere
        assert not activation.curvature(rate.real, phi).any()
    else:
        exact = activation.slope(rate, phi).imag / 1e-30
        torch.testing.assert_close(activation.curvature(rate.real, phi), exact, rtol=1e-8, atol=1e-14)
    with pytest.raises(ValueError, match="activation = 'cube': must be one of tanh, relu, softplus"):
        activation.curvature(state, "cube")
