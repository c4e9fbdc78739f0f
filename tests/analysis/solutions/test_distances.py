"""What every distance between networks promises."""

import pytest
import torch

from analysis.solutions.changes import CHANGES, networks
from random_numbers import noise
from threefactor.analysis.solutions.compared import Compared, some
from threefactor.analysis.solutions.distances import DISTANCES, explained, named

ROUNDED = 2e-6  # arccos near 1 and the root of a small square lose half of the digits
SEEN = 0.02  # below any change that counts

every = pytest.mark.parametrize("distance", DISTANCES, ids=lambda one: one.name)


def unrelated(count=7):
    """Return networks that have nothing in common."""
    return Compared(
        noise(count, 3, 12, 6),
        noise(3, 12, 2, seed=1),
        torch.ones(12, dtype=torch.bool),
        noise(count, 6, 6, seed=2),
        noise(count, 6, 2, seed=3),
        noise(count, 1, 6, seed=4),
        shape_components=5,
    )


@every
def test_a_distance_is_of_pairs_symmetric_and_zero_to_oneself(distance):
    found = distance.function(unrelated())
    assert found.shape == (7, 7)
    assert found.dtype == torch.float64
    torch.testing.assert_close(found, found.T)
    assert (found.diagonal() == 0).all()
    assert (found[~torch.eye(7).bool()] > SEEN).all()


@pytest.mark.parametrize("name", CHANGES)
@every
def test_what_it_ignores_changes_nothing_and_what_it_sees_does(distance, name):
    before, after = (distance.function(given) for given in (networks(), CHANGES[name](networks())))
    assert before[0, -1] < ROUNDED, "the last network is the first again"
    if name in distance.ignores:
        torch.testing.assert_close(after, before, atol=ROUNDED, rtol=0)
    if name in distance.sees:
        assert (after - before).abs().max() > SEEN


@every
def test_it_says_what_it_ignores_and_sees_in_words_that_tests_know(distance):
    assert {*distance.ignores, *distance.sees} <= set(CHANGES)
    assert not set(distance.ignores) & set(distance.sees)
    assert distance.ignores
    assert distance.sees
    assert all(name in explained(distance) for name in distance.ignores + distance.sees)
    assert named(distance.name) is distance


@pytest.mark.parametrize("distance", [one for one in DISTANCES if one.metric], ids=lambda one: one.name)
def test_no_way_through_a_third_network_is_shorter(distance):
    found = distance.function(unrelated(12))
    assert (found[:, None, :] + found[None, :, :] >= found[:, :, None] - 1e-12).all()


@every
def test_pairs_do_not_know_of_other_networks(distance):
    whole = unrelated()
    part = some(whole, torch.tensor([1, 4]))
    torch.testing.assert_close(
        distance.function(part)[0, 1], distance.function(whole)[1, 4], atol=1e-9, rtol=0
    )


def test_a_task_without_a_delay_has_no_dynamics_of_it():
    none = unrelated()._replace(within=torch.zeros(12, dtype=torch.bool))
    assert [one.name for one in DISTANCES if not one.defined(none)] == ["dsa_delay"]
    assert all(one.defined(unrelated()) for one in DISTANCES)
