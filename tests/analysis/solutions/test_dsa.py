"""Dynamical similarity analysis: conjugate and non-conjugate pairs."""

import itertools

import numpy as np
import pytest
import torch

from analysis.solutions.changes import COMPONENTS, MOMENTS, run
from random_numbers import noise
from threefactor.analysis.solutions import cka, dsa
from threefactor.analysis.solutions.linear_dynamics import LinearDynamics, fit
from threefactor.analysis.solutions.procrustes import procrustes_distance
from threefactor.analysis.solutions.shape import sample_coordinates

TYPES = 3


def rotations(*angles, shrink=1.0):
    """Return dynamics that turn each plane by an angle."""
    blocks = [torch.tensor([[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]]) for a in angles]
    return shrink * torch.block_diag(*blocks)


def free_run(state, start):
    """Run dynamics without inputs; y t k."""
    return run(state, torch.zeros(len(start), MOMENTS, len(state), dtype=torch.float64), start)


def geometric(rates):
    """Return CKA's and Procrustes' distance of a pair, (2, y, t, i)."""
    samples = rates.flatten(1, 2)
    shape = procrustes_distance(sample_coordinates(samples, samples.shape[2]))
    return float(cka.cka_distance(samples)[0, 1]), float(shape[0, 1])


def spectral(rates, count=COMPONENTS, **known):
    """Return the spectral distance of a pair."""
    return float(dsa.spectral_distance(fit(rates, count, **known))[0, 1])


def test_a_conjugate_pair_is_the_same_however_it_lies():
    """The same dynamics from other starts, seen through another linear map: geometry differs, dynamics do not."""
    state = rotations(0.3, 0.8, shrink=0.97)
    first = free_run(state, noise(TYPES, 4))
    second = free_run(state, noise(TYPES, 4, seed=1)) @ noise(4, 4, seed=2)
    pair = torch.stack([first, second])
    assert spectral(pair) < 1e-7
    assert min(geometric(pair)) > 0.3


def test_a_pair_of_nearly_the_same_geometry_is_told_apart_by_its_dynamics():
    """A small component decays quickly in one network, and hardly in the other."""
    start, small = noise(TYPES, 4), torch.tensor([1.0, 1.0, 0.02, 0.02]).double()
    quick, slow = rotations(0.3, 0.8), rotations(0.3, 0.8)
    quick[2:, 2:] *= 0.6
    pair = torch.stack([free_run(state, start * small) for state in (quick, slow)])
    assert max(geometric(pair)) < 0.03
    assert spectral(pair) > 0.2


def test_the_order_of_time_counts_in_dynamics_alone():
    """All networks are shuffled alike: the same clouds of points, no longer the same movement."""
    slow, quick = rotations(0.1, 0.2), rotations(0.6, 0.9)
    pair = torch.stack([free_run(state, noise(TYPES, 4)) for state in (slow, quick)])
    shuffled = pair[:, :, torch.randperm(MOMENTS, generator=torch.Generator().manual_seed(0))]
    assert geometric(shuffled) == pytest.approx(geometric(pair))
    assert abs(spectral(shuffled) - spectral(pair)) > 0.05


def test_the_drive_of_inputs_is_dynamics_to_plain_dsa_but_not_with_inputs():
    """One network, driven by two sets of input weights, with stimuli that last as in a task."""
    shown = torch.zeros(TYPES, MOMENTS, 2, dtype=torch.float64)
    for trial in range(TYPES):
        shown[trial, 2 + trial : 7 + trial, trial % 2] = 1
        shown[trial, 10:13, (trial + 1) % 2] = 1
    state, start = rotations(0.3, 0.8, shrink=0.9), 0.2 * noise(TYPES, 4)
    pair = torch.stack([run(state, shown @ noise(2, 4, seed=seed), start) for seed in (1, 2)])
    assert spectral(pair) > 0.1
    assert spectral(pair, inputs=shown) < 1e-7
    whole = dsa.controllability_distance(fit(pair, COMPONENTS, inputs=shown))
    assert float(whole[0, 1]) > 0.1, "with B, it is seen where inputs go"


def test_the_spectral_distance_is_that_of_the_best_pairing():
    state = noise(5, 3, 3)
    found = dsa.spectral_distance(LinearDynamics(state, state[..., :0]))
    spectrum = torch.linalg.eigvals(state).numpy()
    for one, other in itertools.combinations(range(5), 2):
        ways = itertools.permutations(spectrum[other])
        best = min(np.sqrt(np.mean(np.abs(spectrum[one] - np.array(way)) ** 2)) for way in ways)
        assert float(found[one, other]) == pytest.approx(best)


def test_controllability_is_what_inputs_do_at_each_lag():
    dynamics = LinearDynamics(noise(2, 3, 3), noise(2, 3, 2, seed=1))
    found = dsa.controllability(dynamics)
    state, drive = (part[1].numpy() for part in dynamics)
    power = np.linalg.matrix_power
    slow = [drive, state @ drive, state.T @ drive, power(state, 2) @ drive, power(state.T, 2) @ drive]
    np.testing.assert_allclose(found[1], np.concatenate(slow, 1))


def test_rotating_the_state_changes_no_controllability_but_another_map_does():
    state, drive = noise(4, 4), noise(4, 2, seed=1)
    rotation, general = torch.linalg.qr(noise(4, 4, seed=2))[0], noise(4, 4, seed=3)
    back = [torch.eye(4).double(), rotation.T, torch.linalg.inv(general)]
    maps = [torch.eye(4).double(), rotation, general]
    dynamics = LinearDynamics(
        torch.stack([to @ state @ fro for to, fro in zip(maps, back, strict=True)]),
        torch.stack([3 * to @ drive for to in maps]),
    )
    found = dsa.controllability_distance(dynamics)
    assert float(found[0, 1]) < 1e-6  # arccos near 1
    assert float(found[0, 2]) > 0.1
    assert float(dsa.spectral_distance(dynamics)[0, 2]) < 1e-6
