"""Starts, and sparse and Gaussian perturbations."""

import pytest
import torch

from dnms_run import networks, noise
from threefactor import seeding
from threefactor.network.perturbation import draw_gaussian, draw_sparse, draw_start
from threefactor.network.simulate import simulate
from threefactor.training.batch import convert


def test_sparse_perturbations_have_the_rate_and_size_that_they_claim():
    net = networks(20)
    perturbation = (
        draw_sparse(net, 500, 0.5, 0.01, generator=seeding.generator(1, "perturbations")) * net.leak
    )
    count, hit = perturbation.numel(), (perturbation != 0)
    assert hit.sum().item() == pytest.approx(0.01 * count, abs=5 * (0.01 * count) ** 0.5)
    size = perturbation[hit]
    assert size.abs().max() <= 0.5
    assert size.mean().item() == pytest.approx(0, abs=5 * 0.5 / 3**0.5 / len(size) ** 0.5)
    assert size.std().item() == pytest.approx(0.5 / 3**0.5, rel=0.05)
    for part in (hit[:, :250], hit[:, 250:], hit[:10], hit[10:], hit[..., :6], hit[..., 6:]):
        share = part.double().mean().item()
        assert share == pytest.approx(0.01, abs=5 * (0.01 / part.numel()) ** 0.5)


def test_no_perturbations_at_rate_zero_and_all_at_rate_near_one():
    net = networks(2)
    assert (draw_sparse(net, 10, 0.5, 0.0, generator=noise(0)) == 0).all()
    dense = draw_sparse(net, 200, 0.5, 0.9, generator=noise(0))
    assert (dense != 0).double().mean().item() == pytest.approx(0.9, abs=0.03)


def test_start_holds_clamped_units():
    start = draw_start(networks(3), 0.1, generator=noise(0))
    assert (start[:, 1] == 1).all()
    assert (start[:, 10] == -1).all()
    assert start[:, [0, 2, 3]].abs().max() <= 0.1


@pytest.mark.parametrize("leak", [0.1, 0.02])
def test_noise_gives_an_isolated_unit_the_same_state_at_every_time_step(leak):
    net = convert(networks(40, units=60), dtype=torch.float64)._replace(leak=leak)
    net = net._replace(weights=torch.zeros_like(net.weights))
    drawn = draw_gaussian(net, 1000, 0.3, generator=seeding.generator(1, leak))
    assert drawn.dtype == torch.float64
    still = torch.zeros(40, 1000, 2).double()
    late = simulate(net, still, net.clamped_state.expand(40, -1), drawn).state[:, -500:, ~net.clamped]
    assert late.std().item() == pytest.approx(0.3, rel=0.02)
    assert late.mean().item() == pytest.approx(0, abs=0.01)
    again = draw_gaussian(net, 1000, 0.3, generator=seeding.generator(1, leak))
    assert torch.equal(drawn, again)
