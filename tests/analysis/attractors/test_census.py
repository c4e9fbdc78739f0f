"""A census of networks whose attractors are known."""

import math

import pytest
import torch
from scipy.optimize import brentq

import planted
from planted import PLAN
from random_numbers import noise
from threefactor.analysis.attractors.census import census
from threefactor.analysis.attractors.classes import CLASSES, REASONS
from threefactor.training.batch import select


def taken(network, *, starts=6, plan=PLAN, exponents=2, seed=5):
    units = int((~network.clamped).sum())
    first = 1.5 * noise(len(network.weights), starts, units, seed=seed)
    return census(network, first, plan, noise(exponents, network.weights.shape[1], seed=6))


def kinds(found, system=None):
    chosen = found.kind if system is None else found.kind[found.system == system]
    return [CLASSES[kind] for kind in chosen]


def test_two_wells_are_two_fixed_points_and_share_the_starts():
    found = taken(planted.network(planted.wells()), starts=12)
    kappa = brentq(lambda k: k - 1.8 * math.tanh(k), 0.1, 3)
    assert kinds(found) == ["fixed point"] * 6
    assert found.system.tolist() == [0, 0, 1, 1, 2, 2]
    torch.testing.assert_close(found.mean.abs(), torch.full_like(found.mean, kappa), rtol=1e-8, atol=0)
    assert (found.mean[::2, 0] * found.mean[1::2, 0] < 0).all()
    assert (found.starts[::2] + found.starts[1::2]).tolist() == [12] * 3
    slow = 1 + 0.1 * (
        1.8 / math.cosh(kappa) ** 2 - 1
    )  # five other modes relax faster, at the rate of a unit alone
    assert found.exponents[0].tolist() == pytest.approx([math.log(slow), math.log(0.9)])
    assert found.dimension.tolist() == [0] * 6


def test_an_input_moves_the_fixed_point_and_tips_the_balance():
    network = planted.network(planted.wells(), inputs=0.0)
    onto = torch.stack([torch.full((1, 6), 2.0), torch.full((1, 6), -2.0)], -1).double()
    found = taken(network._replace(input_weights=onto))
    assert [kinds(found, system) for system in (1, 2)] == [["fixed point"]] * 2
    assert (found.mean[found.system == 1] > 1).all()
    assert (found.mean[found.system == 2] < -1).all()
    assert found.starts[found.system > 0].tolist() == [6, 6]


@pytest.mark.parametrize("turn", [0.4, 0.9, 1.7])
def test_an_oscillator_is_a_limit_cycle(turn):
    found = select(taken(planted.network(planted.oscillators(turn))), slice(1))
    assert kinds(found) == ["limit cycle"]
    assert found.starts.item() == 6
    assert found.dimension.item() == 1
    # Hopf: at zero the pair of eigenvalues turns by `turn` per time constant, and by less where rates saturate
    assert found.period.item() * 0.1 > 2 * math.pi / turn
    assert found.mean.norm() < 0.02  # the orbit is odd; a step of a period is left over


def test_two_oscillators_that_do_not_know_of_each_other_are_a_torus():
    found = select(taken(planted.network(planted.oscillators(0.9, 0.9 / 2**0.5)), exponents=4), slice(1))
    assert kinds(found) == ["torus"]
    assert found.dimension.item() == 2
    assert found.exponents[0, :2].abs().max() < 1e-3 < found.exponents[0, 2:].abs().min()


def test_two_equal_oscillators_are_a_cycle_for_each_difference_of_phase():
    found = taken(planted.network(planted.oscillators(0.9, 0.9)), starts=3)
    assert kinds(found, 0) == ["limit cycle"] * len(kinds(found, 0))


def test_chaos_is_one_attractor_with_a_dimension_above_two():
    found = select(taken(planted.network(planted.chaotic()), exponents=5), slice(2))
    here = select(found, found.system == 0)
    assert kinds(here) == ["chaos"]
    assert here.exponents[0, 0] > 3 * here.exponent_error[0, 0]
    assert 2 < here.dimension.item() < 3
    assert here.period.isnan().all()


def test_a_ghost_of_a_fixed_point_is_slow():
    """One unit just beyond the point where two fixed points meet: the flow is least, 1e-4, and not zero."""
    gain = 1.8
    corner = math.atanh(math.sqrt(1 - 1 / gain))
    drive = corner - gain * math.tanh(corner) - 1e-4
    network = planted.network(torch.tensor([[[gain]]]).double())
    onto = torch.tensor([[[drive, 0.0]]]).double()
    start = torch.full((1, 2, 1), corner).double()
    plan = PLAN._replace(burn_in=20, tolerance=2e-4)
    found = census(network._replace(input_weights=onto), start, plan, noise(1, 1))
    assert kinds(found, 1) == ["unresolved"]
    assert REASONS[found.reason[found.system == 1].item()].startswith("slow")
    exact = census(network._replace(input_weights=onto), start, PLAN, noise(1, 1))
    assert kinds(exact, 1) == ["fixed point"]


def test_what_still_converges_is_unresolved_until_it_has_time():
    """A spiral that shrinks by a thousandth in a step."""
    spiral = planted.network(planted.oscillators(1.0, gain=1 - 0.06))
    short = taken(spiral, plan=PLAN._replace(burn_in=200, steps=400, rounds=1))
    assert [REASONS[reason].split(":")[0] for reason in short.reason] == ["still converging"] * 3
    assert kinds(taken(spiral)) == ["fixed point"] * 3


def test_networks_together_are_as_each_alone():
    weights = torch.stack([planted.wells(1.8, 4)[0], planted.oscillators(0.9, 0.7)[0], noise(4, 4)])
    network, first = planted.network(weights, inputs=0.5), noise(3, 5, 4, seed=5)
    together = census(network, first, PLAN, noise(3, 4, seed=6))
    for b in range(3):
        part = slice(b, b + 1)
        alone = census(select(network, part), first[part], PLAN, noise(3, 4, seed=6))
        own = select(together, together.system // 3 == b)
        for name in ("kind", "starts", "state", "mean", "exponents", "period", "output_std"):
            torch.testing.assert_close(getattr(own, name), getattr(alone, name), equal_nan=True)


def test_no_oscillator_passes_for_chaos():
    """16 networks of three oscillators each, under three conditions; by chance 1 of 1,000 may."""
    turns = torch.rand(16, 3, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    weights = torch.cat([planted.oscillators(*(0.4 + row).tolist()) for row in turns])
    found = taken(planted.network(weights), starts=1, exponents=4, plan=PLAN._replace(rounds=2))
    assert "chaos" not in kinds(found)
    assert {"torus", "limit cycle", "unresolved"} >= set(kinds(found))
    assert kinds(found).count("torus") > 0.8 * len(kinds(found))
