"""Derivatives by tangents, complex step, differences, reverse mode and autograd agree, and see mistakes."""

import pytest
import torch

from small_runs import BATCH, DOUBLE, OFF, ON, TRIAL_TYPES, UNITS, experiences, network, rule
from threefactor.derivatives import methods
from threefactor.derivatives.relative_error import along_errors, backward_errors
from threefactor.derivatives.run_of_theta import Case, some

MARKS, DIRECTIONS = (1, 3, 5), 2


def case(options, degree=3, reward="graded"):
    """Return a learning run whose coefficients are scaled unevenly, its warm-up being a trial of each type."""
    learned = rule(options, degree, warm_up=TRIAL_TYPES)
    kept = learned.params.terms[1::3]
    learned = learned._replace(params=learned.params._replace(terms=kept))
    scale = torch.linspace(0.3, 2.0, len(kept), dtype=DOUBLE)
    sampled = experiences(TRIAL_TYPES + MARKS[-1], reward=reward)
    return Case(learned, scale, network(options), sampled, TRIAL_TYPES, MARKS)


def draw(*shape, seed=6):
    return torch.randn(*shape, dtype=DOUBLE, generator=torch.Generator().manual_seed(seed))


def pointed(one):
    """Return directions k p and a projection i j."""
    return draw(DIRECTIONS, len(one.scale)), draw(UNITS, UNITS, seed=7)


@pytest.mark.parametrize("options", [ON, OFF], ids=["on", "off"])
def test_tangents_complex_step_and_reverse_mode_agree(options):
    one = case(options)
    directions, projection = pointed(one)
    tangents = methods.by_tangents(one, directions, projection, DOUBLE)
    along = along_errors(tangents.along, methods.by_complex_step(one, directions), MARKS)
    backward = backward_errors(tangents, methods.by_reverse(one, projection), MARKS)
    for found in (along, backward):
        assert found.keys() == {"reward_tangent", "cumulated_reward_tangent", "weight_tangent"}
        for name, error in found.items():
            assert error[~error.isnan()].max() < 1e-11, name
        assert found["reward_tangent"][0].isnan().all()  # the weights of trial 1 do not depend on theta yet
        assert found["weight_tangent"][-1].isfinite().all()
    assert tangents.reward[-1].abs().min() > 0


@pytest.mark.parametrize("options", [ON, OFF], ids=["on", "off"])
def test_reverse_mode_equals_autograd_network_by_network(options):
    whole = case(options)
    _, projection = pointed(whole)
    found = methods.by_reverse(whole, projection, limit=1)  # one network at a time
    for b in range(BATCH):
        exact = methods.by_autograd(some(whole, slice(b, b + 1)), projection)
        torch.testing.assert_close(found.reward[:, b : b + 1], exact.reward, rtol=1e-9, atol=1e-14)
        torch.testing.assert_close(found.cumulated[b : b + 1], exact.cumulated, rtol=1e-9, atol=1e-14)
        torch.testing.assert_close(found.projected[b : b + 1], exact.projected, rtol=1e-9, atol=1e-14)
    with pytest.raises(ValueError, match=f"networks = {BATCH}"):
        methods.by_autograd(whole, projection)


def test_a_derivative_along_a_direction_is_the_sum_over_coefficients():
    """Against tangents of single coefficients, unscaled; and the norm over directions."""
    one = case(OFF)
    directions, projection = pointed(one)
    found = methods.by_tangents(one, directions, projection, DOUBLE)
    unscaled = one._replace(scale=torch.ones_like(one.scale))
    each = methods.by_tangents(unscaled, torch.eye(len(one.scale), dtype=DOUBLE), projection, DOUBLE)
    raw = directions * one.scale
    weights = torch.einsum("kp,mbpij->mbkij", raw, each.along.weights)
    torch.testing.assert_close(found.along.weights, weights)
    torch.testing.assert_close(found.along.reward, torch.einsum("kp,hbp->hbk", raw, each.reward))
    size = weights.square().sum((3, 4)).mean(2).sqrt()
    torch.testing.assert_close(found.size[[mark - 1 for mark in MARKS]], size)
    assert found.size[0].min() > 0


def test_sparse_perturbations_are_the_same():
    one = case(ON)
    directions, projection = pointed(one)
    sparse = [sampled._replace(perturbation=sampled.perturbation.to_sparse()) for sampled in one.experiences]
    found, same = (
        methods.by_tangents(c, directions, projection, DOUBLE)
        for c in (one, one._replace(experiences=sparse))
    )
    assert torch.equal(found.along.weights, same.along.weights)
    assert torch.equal(
        methods.by_reverse(one._replace(experiences=sparse), projection).cumulated,
        methods.by_reverse(one, projection).cumulated,
    )


def test_differences_approach_the_tangents():
    one = case(OFF, degree=2, reward="squared")
    directions, projection = pointed(one)
    tangents = methods.by_tangents(one, directions, projection, DOUBLE)
    coarse, fine = (
        along_errors(methods.by_differences(one, directions, step), tangents.along, MARKS)
        for step in (1e-1, 1e-2)
    )
    for name in ("reward_tangent", "weight_tangent"):
        ratio = coarse[name][-1] / fine[name][-1]
        torch.testing.assert_close(ratio, torch.full_like(ratio, 100.0), rtol=0.2, atol=0)


def test_single_precision_is_off_by_its_rounding_alone():
    one = case(OFF)
    directions, projection = pointed(one)
    exact = methods.by_complex_step(one, directions)
    single = methods.by_tangents(one, directions, projection, torch.float32)
    assert single.along.weights.dtype == torch.float32
    for error in along_errors(single.along, exact, MARKS).values():
        assert error[-1].min() > 1e-9
        assert error[-1].max() < 1e-3


def test_a_trial_that_differs_is_seen():
    """One part in a million more of the perturbations, in the third trial, in the first network."""
    one = case(OFF)
    directions, projection = pointed(one)
    changed = list(one.experiences)
    factor = torch.tensor([1 + 1e-6, 1.0], dtype=DOUBLE)[:, None, None]
    third = changed[TRIAL_TYPES + 2]
    changed[TRIAL_TYPES + 2] = third._replace(perturbation=factor * third.perturbation)
    tangents = methods.by_tangents(one._replace(experiences=changed), directions, projection, DOUBLE)
    along = along_errors(tangents.along, methods.by_complex_step(one, directions), MARKS)
    backward = backward_errors(tangents, methods.by_reverse(one, projection), MARKS)
    assert along["weight_tangent"][0].max() < 1e-11
    for error in (along["weight_tangent"], backward["weight_tangent"], backward["reward_tangent"]):
        assert error[-1, 0] > 1e-9
        assert error[-1, 1] < 1e-11
