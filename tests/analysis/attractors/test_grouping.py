"""Starts that end on one attractor."""

import torch

from random_numbers import noise
from threefactor.analysis.attractors.grouping import groups
from threefactor.analysis.attractors.long_run import Moments


def test_groups_are_apart_by_more_than_separation_and_errors_and_of_one_kind():
    place = torch.tensor([[0.0, 0.05, 1.0, 1.25, 2.0, 2.0]]).double()
    error = torch.tensor([[0.0, 0.0, 0.1, 0.1, 0.0, 0.0]]).double()
    mean = place[..., None].expand(-1, -1, 4)
    kind = torch.tensor([[0, 0, 0, 0, 0, 1]])
    found = groups(Moments(mean, torch.zeros_like(mean), error), kind, separation=0.1)
    assert found.tolist() == [[0, 0, 2, 2, 4, 5]]
    nearer = groups(Moments(mean, torch.zeros_like(mean), error / 2), kind, separation=0.1)
    assert nearer.tolist() == [[0, 0, 2, 3, 4, 5]]


def test_a_chain_of_near_ones_is_one_group():
    mean = torch.tensor([[0.0, 0.9, 1.8]]).double()[..., None]
    kind = torch.zeros(1, 3, dtype=torch.int64)
    chain = groups(Moments(mean, torch.zeros_like(mean), mean[..., 0] * 0), kind, separation=1.0)
    assert chain.tolist() == [[0, 0, 0]]


def test_standard_deviations_tell_attractors_apart_too():
    std = torch.tensor([[0.1, 0.9]]).double()[..., None]
    kind = torch.zeros(1, 2, dtype=torch.int64)
    found = groups(Moments(torch.zeros_like(std), std, std[..., 0] * 0), kind, separation=0.5)
    assert found.tolist() == [[0, 1]]


def test_two_runs_of_noise_are_nearly_always_one_group():
    """Moments of 30 units over 400 draws, with no separation beside their errors: all of 20 systems."""
    draws = noise(20, 2, 400, 30)
    halves = [(part.mean(2), part.std(2, correction=0)) for part in draws.chunk(2, 2)]
    error = sum((a - b).square() for a, b in zip(*halves, strict=True)).mean(-1).sqrt()
    found = Moments(draws.mean(2), draws.std(2, correction=0), error)
    kind = torch.ones(20, 2, dtype=torch.int64)
    assert (groups(found, kind, separation=0.0)[:, 1] == 0).all()
    shifted = found._replace(
        mean=found.mean + torch.tensor([0.0, 0.4])[:, None]
    )  # 8 standard errors of a mean
    assert (groups(shifted, kind, separation=0.0)[:, 1] == 1).all()
