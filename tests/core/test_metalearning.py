"""Estimators, scaling and the outer loop."""

import pytest
import torch

import references
from core.settings import DOUBLE, KINDS, OFF, ON, experiences, network, rule
from core.test_lifetime import environment, networks, noise
from threefactor import seeding
from threefactor.contract import Experience, MetaGradient, Rule
from threefactor.learning_rules import polynomial
from threefactor.learning_rules.polynomial import Polynomial
from threefactor.metalearning import ascent
from threefactor.metalearning.estimators import pathwise, score
from threefactor.metalearning.lifetime import live
from threefactor.metalearning.scaling import monomial_scale, update_size
from threefactor.training.batch import with_weights
from threefactor.training.trial import learn, start_learning


def test_pathwise_is_the_gradient_of_the_mean_reward():
    net, learned, lived = network(ON), rule(ON, 2), experiences(12)
    found = pathwise.estimate(
        learned, start_learning(learned, net, KINDS), lived, noise=0.0, generator=seeding.generator(0, "none")
    )
    theta = learned.params.theta.clone()

    def mean_reward(value):
        life = references.learn(
            value, learned.params, net, lived, learned.baseline_decay, learned.warm_up, KINDS
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
        start_learning(huge, net, KINDS),
        experiences(10),
        noise=0.0,
        generator=seeding.generator(0, "none"),
    )
    assert not found.finite.any()
    assert (found.gradient == 0).all()


def many(count, learned):
    """Return one small network, `count` times over, with the same few trials each."""
    net = network(OFF)
    net = net._replace(
        **{
            name: getattr(net, name)[:1].repeat(count, 1, 1)
            for name in ("weights", "input_weights", "output_weights")
        }
    )
    lived = []
    for trial, start, perturbation in experiences(3 + learned.warm_up):
        kind = torch.zeros(count, dtype=torch.int64)
        copies = (x[:1].repeat(count, *[1] * (x.dim() - 1)) for x in (*trial[:3], start, perturbation))
        inputs, target, window, first, kicks = copies
        lived.append((trial._replace(inputs=inputs, target=target, window=window, kind=kind), first, kicks))
    return net, [Experience(*parts) for parts in lived]


def test_score_equals_common_noise_gradient_where_nothing_is_counted_twice():
    """In a lifetime of which one update matters, the total and the partial derivative are one, and the score is unbiased.

    Truth: the exact pathwise gradient of the expected reward over the same weight noise.
    """
    count = 5000
    learned = rule(OFF, 1, warm_up=1, learning_rate=0.3)
    net, lived = many(count, learned)
    lived = lived[:3]  # trial 0 settles the baseline, trial 1 changes the weights, trial 2 is changed
    sigma = 0.02
    estimates = {}
    for name, estimator in (("score", score), ("pathwise", pathwise)):
        learner = start_learning(learned, net, KINDS)
        found = estimator.estimate(learned, learner, lived, noise=sigma, generator=seeding.generator(3, name))
        estimates[name] = found.gradient.mean(0), found.gradient.std(0) / count**0.5
    mean, error = estimates["score"]
    exact, spread = estimates["pathwise"]
    z = (mean - exact) / (error**2 + spread**2).sqrt()
    assert z.abs().max() < 4
    assert (exact.abs() / error).max() > 5, "the test must be able to see a gradient"


def test_score_baseline_comes_from_the_other_networks():
    rewards = torch.randn(7, 5, dtype=DOUBLE, generator=torch.Generator().manual_seed(0))
    to_go = score.reward_to_go(rewards)
    for h in range(7):
        torch.testing.assert_close(to_go[h], rewards[h + 1 :].sum(0))
        for b in range(5):
            others = [to_go[h, other] for other in range(5) if other != b]
            torch.testing.assert_close(score.others_mean(to_go)[h, b], torch.stack(others).mean())


def test_score_needs_noise_and_company():
    learned, net = rule(OFF, 1), network(OFF)
    learner = start_learning(learned, net, KINDS)
    generator = seeding.generator(0, "none")
    with pytest.raises(ValueError, match="noise = 0"):
        score.estimate(learned, learner, [], noise=0.0, generator=generator)
    alone = start_learning(learned, net._replace(weights=net.weights[:1]), KINDS)
    with pytest.raises(ValueError, match="networks = 1"):
        score.estimate(learned, alone, [], noise=1.0, generator=generator)


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
    iterates = []
    for _ in range(200):
        state = ascent.ascend(state, target, 0.02, 0.65)
        iterates.append(state.theta)
        assert state.theta.norm().item() == pytest.approx(0.65, rel=1e-5)
    settled = ascent.settle(torch.stack(iterates), 0.65)
    assert (settled @ target).item() == pytest.approx(0.65, rel=0.02)


def test_free_ascent_is_torch_adam():
    state = ascent.start_ascent(torch.tensor([0.5, -0.2], dtype=DOUBLE), 0)
    parameter = torch.nn.Parameter(state.theta.clone())
    adam = torch.optim.Adam(
        [parameter], lr=0.1, betas=(ascent.FIRST_DECAY, ascent.SECOND_DECAY), maximize=True
    )
    for n in range(5):
        gradient = torch.tensor([1.0 + n, -2.0 / (n + 1)], dtype=DOUBLE)
        state = ascent.ascend(state, gradient, 0.1, 0)
        parameter.grad = gradient
        adam.step()
        torch.testing.assert_close(state.theta, parameter.detach(), rtol=1e-6, atol=1e-8)


def test_a_gradient_of_zero_leaves_theta_where_it_is():
    state = ascent.start_ascent(torch.tensor([-1.0, 0.5]), 0.65)
    torch.testing.assert_close(ascent.ascend(state, torch.zeros(2), 0.1, 0.65).theta, state.theta)


def test_score_of_every_trial_is_the_derivative_of_its_mean_update():
    """Over many updates, against autograd at the same noise; the warm-up draws none."""
    net, learned, lived, sigma = network(ON), rule(ON, 2), experiences(8), 0.01
    learner = start_learning(learned, net, KINDS)
    steps = list(live(learned, learner, lived, sigma, generator=seeding.generator(4, "noise")))
    theta = learned.params.theta.clone().requires_grad_()
    valued, source = (
        learned._replace(params=learned.params._replace(theta=theta)),
        seeding.generator(4, "noise"),
    )
    for h, (step, one) in enumerate(zip(steps, lived, strict=True)):
        learner, outcome = learn(valued, learner, *one)
        if h < learned.warm_up:
            assert (step.score == 0).all()
            continue
        drawn = torch.randn(outcome.update.shape, generator=source, dtype=DOUBLE)
        learner = with_weights(learner, learner.network.weights + sigma * drawn)
        for b, value in enumerate((drawn * outcome.update).sum((1, 2))):
            exact = torch.autograd.grad(value, theta, retain_graph=True, allow_unused=True)[0]
            torch.testing.assert_close(step.score[b], exact.flatten(), rtol=1e-9, atol=1e-14)
    assert steps[-1].score.abs().min() > 0
