"""Reverse mode through learning gives the gradient that autograd and the tangents give."""

import gc

import pytest
import torch

import references
from core.settings import BATCH, DOUBLE, KINDS, OFF, ON, STEPS, UNITS, experiences, network, rule
from core.test_tangents import VARIANTS, relative
from threefactor import seeding
from threefactor.derivatives import clipping, reverse
from threefactor.kernels import sums
from threefactor.metalearning.estimators import pathwise
from threefactor.metalearning.estimators import reverse as estimator
from threefactor.metalearning.trial_record import Noise
from threefactor.training.trial import start_learning

TRIALS = 14


def found(options, learned, sampled):
    return reverse.meta_gradient(learned, start_learning(learned, network(options), KINDS), sampled)


def by_tangents(options, learned, sampled, sigma=0.0):
    learner = start_learning(learned, network(options), KINDS)
    return pathwise.estimate(
        learned, learner, sampled, noise=Noise(sigma), generator=seeding.generator(4, "weights")
    )


def mean_reward(options, learned, sampled, theta):
    """Return the mean reward after the warm-up by the slow loops; b."""
    life = references.learn(
        theta, learned.params, network(options), sampled, learned.baseline_decay, learned.warm_up, KINDS
    )
    return life.reward[learned.warm_up :].mean(0)


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


@pytest.mark.parametrize("degree", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("variant", VARIANTS)
def test_equals_autograd_through_learning_and_tangents(variant, degree):
    options = VARIANTS[variant]
    learned, sampled = rule(options, degree), experiences(TRIALS)
    gradient, objective, finite = found(options, learned, sampled)
    exact, rewards = by_autograd(options, learned, sampled)
    assert finite.all()
    assert relative(objective, rewards) < 1e-13
    assert relative(gradient, exact) < 1e-10
    assert relative(gradient, by_tangents(options, learned, sampled).gradient) < 1e-10


@pytest.mark.parametrize("warm_up", [0, 1, 7, TRIALS - 1])
def test_any_warm_up(warm_up):
    learned, sampled = rule(ON, 3, warm_up=warm_up), experiences(TRIALS)
    gradient = found(ON, learned, sampled).gradient
    if warm_up == TRIALS - 1:  # one trial counts, and nothing has been learned before it
        assert (gradient == 0).all()
    else:
        assert relative(gradient, by_autograd(ON, learned, sampled)[0]) < 1e-10


def late_kinds(sampled):
    """Return the trials with two types that come only after the weights have long moved."""
    changed = []
    for h, one in enumerate(sampled):
        trial_type = one.trial.trial_type % 2 if h < 8 else one.trial.trial_type
        changed.append(one._replace(trial=one.trial._replace(trial_type=trial_type)))
    return changed


def test_the_first_trial_of_a_type_may_come_late():
    """Its baseline is its reward, which depends on theta by then."""
    learned, sampled = rule(ON, 3), late_kinds(experiences(18))
    exact = by_autograd(ON, learned, sampled)[0]
    assert relative(found(ON, learned, sampled).gradient, exact) < 1e-10
    assert relative(by_tangents(ON, learned, sampled).gradient, exact) < 1e-10


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
    gradient, exact = found(ON, learned, sampled).gradient, by_tangents(ON, learned, sampled).gradient
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


def test_known_mistakes_are_far_away(monkeypatch):
    """What each forgotten path would cost: the comparisons above would see it."""
    learned, sampled = rule(ON, 3), experiences(TRIALS)
    exact = by_autograd(ON, learned, sampled)[0]
    for name, mistake in MISTAKES.items():
        with monkeypatch.context() as patch:
            mistake(patch)
            assert relative(found(ON, learned, sampled).gradient, exact) > 1e-6, name
    assert relative(found(ON, learned, sampled).gradient, exact) < 1e-10


def forget(**names):
    """Return a mistake that sets parts of the adjoint to zero between trials."""

    def mistake(patch):
        right = reverse.vjp

        def vjp(rule_, kept, later, share):
            zeroed = later._replace(**{name: torch.zeros_like(getattr(later, name)) for name in names})
            return right(rule_, kept, zeroed, share)

        patch.setattr(reverse, "pull", vjp)

    return mistake


def change_of(module, name, change):
    """Return a mistake that changes what a function returns."""

    def mistake(patch):
        right = getattr(module, name)
        patch.setattr(module, name, lambda *arguments: change(right(*arguments)))

    return mistake


MISTAKES = {
    "no clip mask": change_of(clipping, "unclipped", lambda _: None),
    "no derivative of the gate": change_of(
        sums, "vjp_eligibility", lambda x: x._replace(gate=torch.zeros_like(x.gate))
    ),
    "no derivative of the baseline in the gate": change_of(
        reverse, "slopes", lambda x: (x[0], torch.zeros_like(x[1]))
    ),
    "no derivative of the baseline_exponent": change_of(reverse, "slopes", lambda x: (x[0], -x[0])),
    "no recursion of the baseline": forget(baseline=0),
    "trace not carried": forget(trace=0),
    "weights forgotten": forget(weights=0),
    "no derivative of the rate": change_of(
        sums, "vjp_eligibility", lambda x: x._replace(rate=torch.zeros_like(x.rate))
    ),
    "no derivative of the deviation": change_of(
        sums, "vjp_eligibility", lambda x: x._replace(deviation=torch.zeros_like(x.deviation))
    ),
}


@pytest.mark.parametrize("count", [1, 7, 8, 25])
def test_bits_are_found_again(count):
    truth = torch.rand(3, count, generator=torch.Generator().manual_seed(5)) < 0.5
    bits = clipping.pack(truth)
    assert bits.shape == (3, -(-count // 8))
    assert torch.equal(clipping.unpack(bits, count), truth.to(torch.uint8))


@pytest.mark.parametrize("weight_decay", [0.0, 0.01, 30.0])
@pytest.mark.parametrize("dtype", [DOUBLE, torch.float32])
def test_clipped_updates_are_known_from_what_they_left(weight_decay, dtype):
    """However much larger the decay of the weights is."""
    g = torch.Generator().manual_seed(5)
    weights, proposed = (torch.randn(3, 40, 40, generator=g, dtype=DOUBLE).to(dtype) for _ in range(2))
    params = rule(ON, 1).params._replace(weight_decay=weight_decay, clip=0.3)
    update = proposed.clamp(-0.3, 0.3) - weight_decay * weights
    found = clipping.unpack(clipping.unclipped(params, weights, update), 1600).view(3, 40, 40)
    assert torch.equal(found, (proposed.abs() < 0.3).to(torch.uint8))


def sparsely_kicked(sampled):
    g = torch.Generator().manual_seed(6)
    return [
        one._replace(
            perturbation=5 * one.perturbation * (torch.rand(BATCH, STEPS, UNITS, generator=g) < 0.04)
        )
        for one in sampled
    ]


def test_sparse_kicks_are_kept_exactly():
    learned, sampled = rule(ON, 3), sparsely_kicked(experiences(TRIALS))
    assert reverse.sparse(sampled[0]).perturbation.is_sparse
    assert (reverse.dense(reverse.sparse(sampled[0])).perturbation == sampled[0].perturbation).all()
    assert relative(found(ON, learned, iter(sampled)).gradient, by_autograd(ON, learned, sampled)[0]) < 1e-10


def test_networks_taken_one_at_a_time_give_the_same(monkeypatch):
    learned, sampled = rule(ON, 3), experiences(TRIALS)
    whole = found(ON, learned, sampled)
    monkeypatch.setattr(reverse, "LIMIT", {"cpu": 1})
    torch.testing.assert_close(found(ON, learned, sampled).gradient, whole.gradient, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("sigma", [0.0, 0.01])
@pytest.mark.parametrize("options", [ON, OFF], ids=["on", "off"])
def test_estimator_equals_pathwise(options, sigma):
    """At the same weight noise; trials may come one at a time."""
    learned, sampled = rule(options, 3), experiences(TRIALS)
    learner = start_learning(learned, network(options), KINDS)
    wanted = by_tangents(options, learned, sampled, sigma)
    given = estimator.estimate(
        learned, learner, iter(sampled), noise=Noise(sigma), generator=seeding.generator(4, "weights")
    )
    assert relative(given.gradient, wanted.gradient) < 1e-10
    torch.testing.assert_close(given.objective, wanted.objective, rtol=1e-13, atol=0)
    assert (given.finite == wanted.finite).all()


def test_an_overflow_is_marked_and_carries_nothing():
    learned = rule(OFF, 2)
    huge = learned._replace(params=learned.params._replace(learning_rate=1e308))
    gradient, _, finite = found(OFF, huge, experiences(10))
    assert not finite.any()
    assert (gradient == 0).all()


def test_an_overflow_of_one_network_leaves_the_other_alone():
    learned, sampled, net = rule(ON, 3), experiences(TRIALS), network(ON)
    broken = net._replace(weights=net.weights * torch.tensor([1, 1e200], dtype=DOUBLE)[:, None, None])
    gradient, _, finite = reverse.meta_gradient(learned, start_learning(learned, broken, KINDS), sampled)
    assert finite.tolist() == [True, False]
    assert (gradient[1] == 0).all()
    assert relative(gradient[0], found(ON, learned, sampled).gradient[0]) < 1e-12


def test_weights_are_kept_once_a_trial_and_nothing_as_large_beside_them():
    """Count what lives while the trials are drawn: N x N grows by one after the warm-up, T x N stays."""
    warm_up, count = 4, 14
    learned = rule(ON, 3, warm_up=warm_up)
    alive = {"weights": [], "kicks": []}

    def drawn():
        for h in range(count):
            one = sparsely_kicked(experiences(h + 1))[-1]
            gc.collect()
            shapes = [tuple(x.shape) for x in gc.get_objects() if type(x) is torch.Tensor and not x.is_sparse]
            alive["weights"].append(shapes.count((BATCH, UNITS, UNITS)))
            alive["kicks"].append(shapes.count((BATCH, STEPS, UNITS)))
            yield one

    assert found(ON, learned, drawn()).finite.all()
    grown = torch.tensor(alive["weights"][1:]).diff()  # between the draws of two trials
    assert grown[: warm_up - 1].tolist() == [0] * (warm_up - 1)
    assert grown[warm_up + 1 :].tolist() == [1] * (count - warm_up - 3)
    assert len(set(alive["kicks"][2:])) == 1


def test_what_is_missing_is_said():
    learned = rule(OFF, 1, warm_up=3)
    learner = start_learning(learned, network(OFF), KINDS)
    with pytest.raises(ValueError, match="trials = 3: allowed is more than 3"):
        reverse.meta_gradient(learned, learner, experiences(3))
    with pytest.raises(ValueError, match=r"noise = 0\.1: a generator is needed"):
        reverse.meta_gradient(learned, learner, experiences(5), noise=0.1)
