"""Reverse mode through learning gives the gradient that autograd and the tangents give."""

import gc

import pytest
import torch

import references
from small_runs import (
    BATCH,
    DOUBLE,
    OFF,
    ON,
    STEPS,
    TRIAL_TYPES,
    UNITS,
    VARIANTS,
    experiences,
    late_types,
    network,
    relative,
    rule,
)
from threefactor.derivatives import reverse, two_pass
from threefactor.derivatives.end_of_trial import start_tangents
from threefactor.derivatives.reverse_checkpoints import dense, keep, sparse
from threefactor.derivatives.trial_vjp import vjp, zero_adjoint
from threefactor.training.trial import learn, start_learning

TRIALS = 14


def found(options, learned, sampled):
    return reverse.meta_gradient(learned, start_learning(learned, network(options), TRIAL_TYPES), sampled)


def by_tangents(options, learned, sampled):
    """Return the gradient of the mean reward after the warm-up by tangents; b p."""
    learner, rewards = start_learning(learned, network(options), TRIAL_TYPES), []
    tangents = start_tangents(learned, learner)
    for experience in sampled:
        before = learner
        learner, outcome = learn(learned, before, *experience)
        tangents, rho = two_pass.jvp(learned, before, experience.trial, outcome, tangents)
        rewards.append(rho)
    return torch.stack(rewards)[learned.warm_up :].mean(0)


def mean_reward(options, learned, sampled, theta):
    """Return the mean reward after the warm-up by the slow loops; b."""
    learning_run = references.learn(theta, learned, network(options), sampled, TRIAL_TYPES)
    return learning_run.reward[learned.warm_up :].mean(0)


def by_autograd(options, learned, sampled):
    """Return the gradient by reverse mode of autograd through the slow loops; b p."""
    theta = learned.params.theta.clone().requires_grad_()
    rewards = mean_reward(options, learned, sampled, theta)
    gradients = [torch.autograd.grad(one, theta, retain_graph=True)[0].flatten() for one in rewards]
    return torch.stack(gradients), rewards.detach()


def by_complex_step(options, learned, sampled):
    theta = learned.params.theta
    columns = []
    for p in range(theta.numel()):
        step = torch.zeros(theta.numel(), dtype=torch.complex128)
        step[p] = 1e-30j
        moved = theta + step.view(theta.shape)
        columns.append(mean_reward(options, learned, sampled, moved).imag / 1e-30)
    return torch.stack(columns, -1)


@pytest.mark.parametrize("degree", [1, 2, 5])  # the last has every power of the others
@pytest.mark.parametrize("variant", VARIANTS)
def test_equals_autograd_through_learning_and_tangents(variant, degree):
    options = VARIANTS[variant]
    learned, sampled = rule(options, degree), experiences(TRIALS)
    gradient, objective, finite = found(options, learned, sampled)
    exact, rewards = by_autograd(options, learned, sampled)
    assert finite.all()
    assert relative(objective, rewards) < 1e-13
    assert relative(gradient, exact) < 1e-10
    assert relative(gradient, by_tangents(options, learned, sampled)) < 1e-10


@pytest.mark.parametrize("warm_up", [0, 1, 7, TRIALS - 1])
def test_any_warm_up(warm_up):
    learned, sampled = rule(ON, 3, warm_up=warm_up), experiences(TRIALS)
    gradient = found(ON, learned, sampled).gradient
    if warm_up == TRIALS - 1:  # one trial counts, and nothing has been learned before it
        assert (gradient == 0).all()
    else:
        assert relative(gradient, by_autograd(ON, learned, sampled)[0]) < 1e-10


def test_the_first_trial_of_a_type_may_come_late():
    """Its baseline is its reward, which depends on theta by then."""
    learned, sampled = rule(ON, 3), late_types(experiences(18))
    exact = by_autograd(ON, learned, sampled)[0]
    assert relative(found(ON, learned, sampled).gradient, exact) < 1e-10
    assert relative(by_tangents(ON, learned, sampled), exact) < 1e-10


def test_graded_reward_equals_complex_step():
    learned, sampled = rule(ON, 2), experiences(TRIALS, reward="graded")
    assert relative(found(ON, learned, sampled).gradient, by_complex_step(ON, learned, sampled)) < 1e-10


@pytest.mark.parametrize(
    "terms", [((3, 3),), ((1, 1), (1, 3), (3, 1)), ((0, 2), (3, 0)), ((0, 0),), ((2, 0), (1, 0)), ((0, 3),)]
)
@pytest.mark.parametrize("others", ["zero", "nonzero"])
def test_terms_may_be_any(terms, others):
    """The terms that are differentiated, with or without others that take part."""
    learned, sampled = rule(ON, 3), experiences(TRIALS)
    keep = torch.zeros_like(learned.params.theta)
    for k, l in terms:
        keep[k, l] = 1
    if others == "nonzero":
        keep[1, 2] = keep[2, 1] = 1
    params = learned.params._replace(theta=learned.params.theta * keep, terms=terms)
    learned = learned._replace(params=params)
    gradient, exact = found(ON, learned, sampled).gradient, by_tangents(ON, learned, sampled)
    assert gradient.shape == (BATCH, len(terms))
    assert relative(gradient, exact) < 1e-10


def test_a_rule_that_is_zero_still_has_a_gradient():
    learned, sampled = rule(ON, 2), experiences(TRIALS)
    learned = learned._replace(params=learned.params._replace(theta=torch.zeros(3, 3, dtype=DOUBLE)))
    assert relative(found(ON, learned, sampled).gradient, by_autograd(ON, learned, sampled)[0]) < 1e-10


@pytest.mark.parametrize("power", [1, 3])
def test_differences_of_the_reward_itself(power):
    """One coefficient, moved to both sides."""
    learned, sampled = rule(OFF, 3), experiences(TRIALS)
    gradient = found(OFF, learned, sampled).gradient.view(BATCH, 4, 4)[:, power, 2]
    step = torch.zeros(4, 4, dtype=DOUBLE)
    step[power, 2] = 1e-4
    up, down = (mean_reward(OFF, learned, sampled, learned.params.theta + s * step) for s in (1, -1))
    assert relative(gradient, (up - down) / 2e-4) < 1e-5


def sparsely_perturbed(sampled):
    g = torch.Generator().manual_seed(6)
    return [
        one._replace(
            perturbation=5 * one.perturbation * (torch.rand(BATCH, STEPS, UNITS, generator=g) < 0.04)
        )
        for one in sampled
    ]


def test_sparse_perturbations_are_kept_exactly():
    learned, sampled = rule(ON, 3), sparsely_perturbed(experiences(TRIALS))
    assert sparse(sampled[0]).perturbation.is_sparse
    assert (dense(sparse(sampled[0])).perturbation == sampled[0].perturbation).all()
    assert relative(found(ON, learned, iter(sampled)).gradient, by_autograd(ON, learned, sampled)[0]) < 1e-10


def test_an_overflow_is_marked_and_carries_nothing():
    learned = rule(OFF, 2)
    huge = learned._replace(params=learned.params._replace(learning_rate=1e308))
    gradient, _, finite = found(OFF, huge, experiences(10))
    assert not finite.any()
    assert (gradient == 0).all()


def test_an_overflow_of_one_network_leaves_the_other_alone():
    learned, sampled, net = rule(ON, 3), experiences(TRIALS), network(ON)
    broken = net._replace(weights=net.weights * torch.tensor([1, 1e200], dtype=DOUBLE)[:, None, None])
    gradient, _, finite = reverse.meta_gradient(
        learned, start_learning(learned, broken, TRIAL_TYPES), sampled
    )
    assert finite.tolist() == [True, False]
    assert (gradient[1] == 0).all()
    assert relative(gradient[0], found(ON, learned, sampled).gradient[0]) < 1e-12


def test_weights_are_kept_once_a_trial_and_nothing_as_large_beside_them():
    """Count what lives while the trials are drawn: N x N grows by one after the warm-up, T x N stays."""
    warm_up, count = 4, 14
    learned = rule(ON, 3, warm_up=warm_up)
    alive = {"weights": [], "perturbations": []}

    def drawn():
        for h in range(count):
            one = sparsely_perturbed(experiences(h + 1))[-1]
            gc.collect()
            shapes = [tuple(x.shape) for x in gc.get_objects() if type(x) is torch.Tensor and not x.is_sparse]
            alive["weights"].append(shapes.count((BATCH, UNITS, UNITS)))
            alive["perturbations"].append(shapes.count((BATCH, STEPS, UNITS)))
            yield one

    assert found(ON, learned, drawn()).finite.all()
    grown = torch.tensor(alive["weights"][1:]).diff()  # between the draws of two trials
    assert grown[: warm_up - 1].tolist() == [0] * (warm_up - 1)
    assert grown[warm_up + 1 :].tolist() == [1] * (count - warm_up - 3)
    assert len(set(alive["perturbations"][2:])) == 1


def test_what_is_missing_is_said():
    learned = rule(OFF, 1, warm_up=3)
    learner = start_learning(learned, network(OFF), TRIAL_TYPES)
    with pytest.raises(ValueError, match="trials = 3: must be more than 3"):
        reverse.meta_gradient(learned, learner, experiences(3))
    with pytest.raises(ValueError, match=r"noise = 0\.1: must come with a generator"):
        reverse.meta_gradient(learned, learner, experiences(5), noise=0.1)


def backwards(learned, net, sampled, *, mistake=lambda one: one, forget=(), limit=None):
    """Return the gradient by the vjp of each trial, the kept trial or the adjoint between trials being changed."""
    learner, trials = start_learning(learned, net, TRIAL_TYPES), []
    for experience in sampled:
        before = learner
        learner, outcome = learn(learned, before, *experience)
        if before.trials >= learned.warm_up:
            trials.append(mistake(keep(learned, before, experience, outcome, learner)))
    adjoint, gradient = zero_adjoint(learner), 0
    for one in reversed(trials):
        adjoint = adjoint._replace(**{name: torch.zeros_like(getattr(adjoint, name)) for name in forget})
        adjoint, direct = vjp(learned, one, adjoint, 1 / len(trials), limit=limit)
        gradient = gradient + direct
    return gradient


def test_known_mistakes_are_far_away():
    """What each forgotten path would cost: the comparisons above would see it."""
    learned, net, sampled = rule(ON, 3), network(ON), experiences(TRIALS)
    exact = by_autograd(ON, learned, sampled)[0]
    assert relative(backwards(learned, net, sampled), exact) < 1e-10
    no_clip = backwards(learned, net, sampled, mistake=lambda one: one._replace(unclipped=None))
    assert relative(no_clip, exact) > 1e-6
    for name in ("weights", "trace", "baseline"):
        assert relative(backwards(learned, net, sampled, forget=[name]), exact) > 1e-6, name


def test_networks_taken_one_at_a_time_give_the_same():
    learned, net, sampled = rule(ON, 3), network(ON), experiences(TRIALS)
    whole, parts = (backwards(learned, net, sampled, limit=limit) for limit in (None, 1))
    torch.testing.assert_close(parts, whole, rtol=1e-12, atol=1e-15)
