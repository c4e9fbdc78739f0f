"""Estimators, scaling and the outer loop."""

import pytest
import torch

import references
from dnms_run import environment, networks, noise
from small_runs import DOUBLE, OFF, ON, TRIAL_TYPES, experiences, network, rule
from threefactor import seeding
from threefactor.contract import MetaGradient, Rule
from threefactor.learning_rules import polynomial
from threefactor.learning_rules.polynomial import Polynomial
from threefactor.metalearning import ascent, constraints
from threefactor.metalearning.constraints import Constraint
from threefactor.metalearning.estimators import pathwise
from threefactor.metalearning.scaling import monomial_scale, update_size
from threefactor.metalearning.trial_record import Noise
from threefactor.training.trial import start_learning


def test_pathwise_is_the_gradient_of_the_mean_reward():
    net, learned, sampled = network(ON), rule(ON, 2), experiences(12)
    found = pathwise.estimate(
        learned,
        start_learning(learned, net, TRIAL_TYPES),
        sampled,
        noise=Noise(),
        generator=seeding.generator(0, "none"),
    )
    theta = learned.params.theta.clone()

    def mean_reward(value):
        life = references.learn(
            value, learned.params, net, sampled, learned.baseline_decay, learned.warm_up, TRIAL_TYPES
        )
        return life.reward[learned.warm_up :].mean(0)

    exact = torch.func.jacfwd(mean_reward)(theta).flatten(1)
    torch.testing.assert_close(found.gradient, exact, rtol=1e-10, atol=1e-14)
    torch.testing.assert_close(found.objective, mean_reward(theta), rtol=1e-12, atol=1e-14)
    assert found.finite.all()


def test_an_overflow_is_marked_and_carries_nothing():
    net, learned = network(OFF), rule(OFF, 2)
    huge = learned._replace(params=learned.params._replace(learning_rate=1e308))
    found = pathwise.estimate(
        huge,
        start_learning(huge, net, TRIAL_TYPES),
        experiences(10),
        noise=Noise(),
        generator=seeding.generator(0, "none"),
    )
    assert not found.finite.any()
    assert (found.gradient == 0).all()


def odd_rule(theta, terms):
    grid = torch.zeros(4, 4)
    for value, (k, l) in zip(theta, terms, strict=True):
        grid[k, l] = value
    params = Polynomial(grid, terms, 0.01, float("inf"), 0.0, 0.05, False, 1.0, 0.0, 10.0, 3)
    return Rule("polynomial", params, polynomial.init, polynomial.update, 0.7, 5)


def test_scaled_monomials_move_the_weights_alike():
    """Each scaled monomial by itself makes weight changes of one size, that of theta_33 = 1."""
    terms = ((1, 1), (1, 3), (3, 1))
    net = networks(6)
    scale = monomial_scale(odd_rule([1.0, 1.0, 1.0], terms), net, environment(), generator=noise)
    tiny = 1e-4
    reference = update_size(odd_rule([tiny], ((3, 3),)), net, environment(), generator=noise)
    for term, factor in zip(terms, scale, strict=True):
        size = update_size(odd_rule([tiny * factor], (term,)), net, environment(), generator=noise)
        assert size == pytest.approx(reference, rel=0.35)  # per trial here, summed over trials there
    assert scale.max() / scale.min() > 3, "raw monomials must differ for the test to mean anything"


def test_average_shortens_long_gradients_and_drops_what_is_not_finite():
    gradient = torch.tensor([[1.0, 0.0], [0.0, 2.0], [300.0, 400.0], [7.0, 7.0]])
    finite = torch.tensor([True, True, True, False])
    mean = ascent.average(MetaGradient(gradient, torch.zeros(4), finite))
    expected = torch.tensor([[1.0, 0.0], [0.0, 2.0], [1.2, 1.6]])
    torch.testing.assert_close(mean.gradient, expected.mean(0))
    torch.testing.assert_close(mean.standard_error, expected.std(0) / 3**0.5)
    assert (mean.clipped, mean.dropped) == (1, 1)
    with pytest.raises(FloatingPointError, match="no network has a finite meta-gradient"):
        ascent.average(MetaGradient(gradient, torch.zeros(4), torch.zeros(4, dtype=torch.bool)))


def test_ascent_climbs_on_the_sphere():
    target = torch.tensor([0.6, -0.8, 0.0])
    state = ascent.start_ascent(torch.tensor([0.0, 0.1, 1.0]), 0.65)
    held, iterates = Constraint(0.65), []
    for _ in range(200):
        state = constraints.ascend_within(state, target, 0.02, held)
        iterates.append(state.theta)
        assert state.theta.norm().item() == pytest.approx(0.65, rel=1e-5)
    settled = constraints.average_iterates(torch.stack(iterates), held)
    assert (settled @ target).item() == pytest.approx(0.65, rel=0.02)


def test_free_ascent_is_torch_adam():
    state = ascent.start_ascent(torch.tensor([0.5, -0.2], dtype=DOUBLE), 0)
    parameter = torch.nn.Parameter(state.theta.clone())
    adam = torch.optim.Adam(
        [parameter], lr=0.1, betas=(ascent.FIRST_DECAY, ascent.SECOND_DECAY), maximize=True
    )
    for n in range(5):
        gradient = torch.tensor([1.0 + n, -2.0 / (n + 1)], dtype=DOUBLE)
        state = ascent.ascend(state, gradient, 0.1)
        parameter.grad = gradient
        adam.step()
        torch.testing.assert_close(state.theta, parameter.detach(), rtol=1e-6, atol=1e-8)


def test_a_gradient_of_zero_leaves_theta_where_it_is():
    state = ascent.start_ascent(torch.tensor([-1.0, 0.5]), 0.65)
    torch.testing.assert_close(ascent.ascend(state, torch.zeros(2), 0.1).theta, state.theta)
