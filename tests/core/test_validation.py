"""The validation's own references agree with each other, and see mistakes."""

from types import SimpleNamespace

import pytest
import torch

from core.settings import BATCH, DOUBLE, KINDS, OFF, ON, UNITS, experiences, network, rule
from threefactor.derivatives import methods as lifetimes
from threefactor.derivatives import two_pass
from threefactor.derivatives.relative_error import along_errors, backward_errors, relative_error

MARKS, DIRECTIONS = (1, 3, 5), 2


def case(options, degree=3, reward="graded"):
    """Return a lifetime whose coefficients are scaled unevenly, its warm-up being a trial of each type."""
    learned = rule(options, degree, warm_up=KINDS)
    kept = learned.params.terms[1::3]
    learned = learned._replace(params=learned.params._replace(terms=kept))
    scale = torch.linspace(0.3, 2.0, len(kept), dtype=DOUBLE)
    sampled = experiences(KINDS + MARKS[-1], reward=reward)
    return lifetimes.Case(learned, scale, network(options), sampled, KINDS, MARKS)


def draw(*shape, seed=6):
    return torch.randn(*shape, dtype=DOUBLE, generator=torch.Generator().manual_seed(seed))


def pointed(one):
    """Return directions k p and a projection i j."""
    return draw(DIRECTIONS, len(one.scale)), draw(UNITS, UNITS, seed=7)


@pytest.mark.parametrize("options", [ON, OFF], ids=["on", "off"])
def test_tangents_complex_step_and_reverse_mode_agree(options):
    one = case(options)
    directions, projection = pointed(one)
    tangents = lifetimes.by_tangents(one, directions, projection, DOUBLE)
    along = along_errors(tangents.along, lifetimes.by_complex_step(one, directions), MARKS)
    backward = backward_errors(tangents, lifetimes.by_reverse(one, projection), MARKS)
    for found in (along, backward):
        assert found.keys() == {"reward_tangent", "cumulated_reward_tangent", "weight_tangent"}
        for name, error in found.items():
            assert error[~error.isnan()].max() < 1e-11, name
        assert found["reward_tangent"][0].isnan().all()  # the weights of trial 1 do not depend on theta yet
        assert found["weight_tangent"][-1].isfinite().all()
    assert tangents.reward[-1].abs().min() > 0


@pytest.mark.parametrize("options", [ON, OFF], ids=["on", "off"])
def test_reverse_mode_equals_autograd_network_by_network(options, monkeypatch):
    whole = case(options)
    _, projection = pointed(whole)
    monkeypatch.setattr(lifetimes, "LIMIT", 1)  # one network at a time
    found = lifetimes.by_reverse(whole, projection)
    for b in range(BATCH):
        exact = lifetimes.by_autograd(lifetimes.some(whole, slice(b, b + 1)), projection)
        torch.testing.assert_close(found.reward[:, b : b + 1], exact.reward, rtol=1e-9, atol=1e-14)
        torch.testing.assert_close(found.cumulated[b : b + 1], exact.cumulated, rtol=1e-9, atol=1e-14)
        torch.testing.assert_close(found.projected[b : b + 1], exact.projected, rtol=1e-9, atol=1e-14)
    with pytest.raises(ValueError, match=f"networks = {BATCH}"):
        lifetimes.by_autograd(whole, projection)


def test_a_derivative_along_a_direction_is_the_sum_over_coefficients():
    """Against tangents of single coefficients, unscaled; and the norm over directions."""
    one = case(OFF)
    directions, projection = pointed(one)
    found = lifetimes.by_tangents(one, directions, projection, DOUBLE)
    unscaled = one._replace(scale=torch.ones_like(one.scale))
    each = lifetimes.by_tangents(unscaled, torch.eye(len(one.scale), dtype=DOUBLE), projection, DOUBLE)
    raw = directions * one.scale
    weights = torch.einsum("kp,mbpij->mbkij", raw, each.along.weights)
    torch.testing.assert_close(found.along.weights, weights)
    torch.testing.assert_close(found.along.reward, torch.einsum("kp,hbp->hbk", raw, each.reward))
    size = weights.square().sum((3, 4)).mean(2).sqrt()
    torch.testing.assert_close(found.size[[mark - 1 for mark in MARKS]], size)
    assert found.size[0].min() > 0


def test_sparse_kicks_are_the_same_kicks():
    one = case(ON)
    directions, projection = pointed(one)
    sparse = [sampled._replace(perturbation=sampled.perturbation.to_sparse()) for sampled in one.experiences]
    found, same = (
        lifetimes.by_tangents(c, directions, projection, DOUBLE)
        for c in (one, one._replace(experiences=sparse))
    )
    assert torch.equal(found.along.weights, same.along.weights)
    assert torch.equal(
        lifetimes.by_reverse(one._replace(experiences=sparse), projection).cumulated,
        lifetimes.by_reverse(one, projection).cumulated,
    )


def test_differences_approach_the_tangents():
    one = case(OFF, degree=2, reward="squared")
    directions, projection = pointed(one)
    tangents = lifetimes.by_tangents(one, directions, projection, DOUBLE)
    coarse, fine = (
        along_errors(lifetimes.by_differences(one, directions, step), tangents.along, MARKS)
        for step in (1e-1, 1e-2)
    )
    for name in ("reward_tangent", "weight_tangent"):
        ratio = coarse[name][-1] / fine[name][-1]
        torch.testing.assert_close(ratio, torch.full_like(ratio, 100.0), rtol=0.2, atol=0)


def test_single_precision_is_off_by_its_rounding_alone():
    one = case(OFF)
    directions, projection = pointed(one)
    exact = lifetimes.by_complex_step(one, directions)
    single = lifetimes.by_tangents(one, directions, projection, torch.float32)
    assert single.along.weights.dtype == torch.float32
    for error in along_errors(single.along, exact, MARKS).values():
        assert error[-1].min() > 1e-9
        assert error[-1].max() < 1e-3


def test_a_tangent_that_is_wrong_in_one_trial_is_seen(monkeypatch):
    """One part in a million too much of one coefficient, in the third trial, in the first network."""

    def wrong(*arguments):
        tangents, rho = two_pass.jvp(*arguments)
        weight = tangents.weight.clone()
        weight[0, 1] *= 1 + 1e-6 * (arguments[1].trials == KINDS + 2)
        return tangents._replace(weight=weight), rho

    one = case(OFF)
    directions, projection = pointed(one)
    monkeypatch.setattr(lifetimes, "two_pass", SimpleNamespace(jvp=wrong))
    tangents = lifetimes.by_tangents(one, directions, projection, DOUBLE)
    along = along_errors(tangents.along, lifetimes.by_complex_step(one, directions), MARKS)
    backward = backward_errors(tangents, lifetimes.by_reverse(one, projection), MARKS)
    assert along["weight_tangent"][0].max() < 1e-11
    for error in (along["weight_tangent"], backward["weight_tangent"], backward["reward_tangent"]):
        assert error[-1, 0] > 1e-9
        assert error[-1, 1] < 1e-11


def test_a_relative_error_is_of_each_network_and_tells_nothing_from_infinity():
    exact = draw(3, BATCH, 4, seed=1)
    factor = torch.tensor([1.01, 1.5], dtype=DOUBLE)
    found = relative_error(factor[None, :, None] * exact, exact, 2)
    torch.testing.assert_close(found, (factor - 1).expand(3, -1), rtol=1e-12, atol=0)
    zero, one = torch.zeros(1, 1, 4), torch.ones(1, 1, 4)
    assert relative_error(zero, zero, 2).isnan().all()
    assert relative_error(one, zero, 2).item() == float("inf")
    assert relative_error(one * float("nan"), one, 2).item() == float("inf")


def test_the_cumulated_reward_is_that_of_all_trials_so_far():
    """Errors of opposite sign in the second and the third trial, of which the sum up to the third knows nothing."""
    exact = lifetimes.Along(torch.ones(3, 1, 1, dtype=DOUBLE), torch.ones(2, 1, 1, 2, 2))
    wrong = torch.tensor([0.0, 0.5, -0.5], dtype=DOUBLE)[:, None, None]
    found = along_errors(exact._replace(reward=exact.reward + wrong), exact, (2, 3))
    torch.testing.assert_close(found["reward_tangent"][:, 0], torch.tensor([0.5, 0.5], dtype=DOUBLE))
    torch.testing.assert_close(
        found["cumulated_reward_tangent"][:, 0], torch.tensor([0.25, 0.0], dtype=DOUBLE)
    )
