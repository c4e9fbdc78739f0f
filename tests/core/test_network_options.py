"""Activations, synapses that do not exist, Dale's law, continuous noise and rewards: exact derivatives all the same."""

import pytest
import torch

import references
from core.settings import BATCH, KINDS, OFF, ON, STEPS, UNITS, experiences, network, rule
from core.test_tangents import relative
from threefactor import seeding
from threefactor.contract import Trajectory
from threefactor.derivatives import end_of_trial as gate
from threefactor.derivatives import reverse, stepwise, two_pass
from threefactor.derivatives.end_of_trial import start_tangents
from threefactor.kernels import activation, backend
from threefactor.learning_rules.local_gradient import local_gradient
from threefactor.metalearning.estimators import pathwise, score_local
from threefactor.metalearning.estimators import reverse as estimator
from threefactor.metalearning.trial_record import Noise, run_trials
from threefactor.network import synapses
from threefactor.network.bptt import reward_gradient
from threefactor.network.lyapunov import largest_exponent
from threefactor.network.perturbation import draw_gaussian
from threefactor.network.simulate import simulate
from threefactor.tasks.reward import reward
from threefactor.training.batch import with_weights
from threefactor.training.trial import learn, start_learning

TRIALS, DEGREE = 14, 2
CASES = {
    "relu": (ON, "relu", "dense", "graded"),
    "softplus, some synapses": (OFF, "softplus", "sparse", "squared"),
    "tanh, Dale": (ON, "tanh", "dale", "squared"),
    "relu, some synapses, Dale": (OFF, "relu", "sparse dale", "correct"),
    "softplus, Dale, own weight": (
        {**ON, "carry_trace": False, "weight_linear": -1.2, "weight_quadratic": 0.3},
        "softplus",
        "dale",
        "graded",
    ),
}


def options_network(options, phi, connectivity):
    """Return small networks; under Dale's law with many weights so small that learning runs into zero."""
    net = network(options)._replace(activation=phi)
    weights = net.weights
    exists = torch.rand(weights.shape, generator=torch.Generator().manual_seed(8)) < 0.6
    sign = torch.tensor([1, 1, 0, -1, -1], dtype=torch.int8)
    if "dale" in connectivity:
        small = torch.arange(UNITS) % 2 == 0
        weights = torch.where(sign != 0, sign * weights.abs(), weights)
        weights = torch.where(small[:, None], 0.005 * weights, weights)
        net = net._replace(sign=sign)
    if "sparse" in connectivity:
        weights, net = weights * exists, net._replace(exists=exists)
    return net._replace(weights=weights)


def lived_trials(net, reward):
    """Return trials with continuous noise."""
    source = seeding.generator(3, "noise")
    trials = experiences(TRIALS, reward=reward)
    return [one._replace(perturbation=draw_gaussian(net, STEPS, 0.2, generator=source)) for one in trials]


def drawn(case):
    """Return rule, networks and trials of a case."""
    options, phi, connectivity, reward = CASES[case]
    net = options_network(options, phi, connectivity)
    return rule(options, DEGREE), net, lived_trials(net, reward)


def by_tangents(jvp, learned, net, sampled):
    """Return rho (h b p), U (h b p i j) and the weights (h b i j) after each trial."""
    learner = start_learning(learned, net, KINDS)
    tangents, found = start_tangents(learned, learner), []
    for experience in sampled:
        before = learner
        learner, outcome = learn(learned, before, *experience)
        tangents, rho = jvp(learned, before, experience.trial, outcome, tangents)
        found.append((rho, tangents.weight, learner.network.weights))
    return [torch.stack(part) for part in zip(*found, strict=True)]


def exactly(learned, net, sampled):
    """Return the same by autograd through the slow loops of learning."""

    def run(theta):
        life = references.learn(
            theta, learned.params, net, sampled, learned.baseline_decay, learned.warm_up, KINDS
        )
        return (life.reward, life.weights), life.weights

    (rho, weight), weights = torch.func.jacfwd(run, has_aux=True)(learned.params.theta)
    return rho.flatten(-2), weight.flatten(-2).movedim(-1, 2), weights


@pytest.mark.parametrize("case", CASES)
def test_all_three_forms_equal_autograd_through_learning(case, monkeypatch):
    learned, net, sampled = drawn(case)
    rho, weight, weights = exactly(learned, net, sampled)
    for jvp, numba in ((stepwise.jvp, True), (two_pass.jvp, True), (two_pass.jvp, False)):
        with monkeypatch.context() as patch:
            if not numba:
                patch.setattr(backend, "_numba", lambda: False)
            found = by_tangents(jvp, learned, net, sampled)
        torch.testing.assert_close(found[0], rho, rtol=1e-10, atol=1e-10 * rho.abs().max().item())
        assert relative(found[1], weight) < 1e-10
        torch.testing.assert_close(found[2], weights, rtol=1e-12, atol=1e-14)
    backwards = reverse.meta_gradient(learned, start_learning(learned, net, KINDS), sampled).gradient
    exact = rho[learned.warm_up :].mean(0)
    torch.testing.assert_close(backwards, exact, rtol=1e-10, atol=1e-10 * exact.abs().max().item())
    assert (rho == 0).all() == (CASES[case][-1] == "correct")
    assert weight[-1].abs().amax((1, 2, 3)).min() > 0


def test_weights_run_into_zero_and_some_leave_it_again():
    """What the comparison above needs in order to say anything of Dale's law."""
    learned, net, sampled = drawn("tanh, Dale")
    weights = by_tangents(two_pass.jvp, learned, net, sampled)[2]
    is_zero = weights == 0
    assert is_zero[-1].any(0).any()
    assert (is_zero[:-1] & ~is_zero[1:]).any()
    assert ((net.sign * weights)[..., net.sign != 0] >= 0).all()


def no_hold(patch):
    patch.setattr(gate, "through", lambda network, weights, derivative: derivative)


def no_mask(patch):
    patch.setattr(reverse, "_free", lambda network, update, after: None)


def slope_of_tanh(patch):
    known = activation.slope
    patch.setattr(activation, "slope", lambda rate, phi: known(rate, "tanh"))


MISTAKES = {
    "U is not held": ("tanh, Dale", no_hold, True),
    "absent synapses have tangents": ("softplus, some synapses", no_hold, True),
    "reverse mode does not hold": ("tanh, Dale", no_mask, False),
    "slope of tanh": ("relu", slope_of_tanh, True),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistakes_are_seen(mistake, monkeypatch):
    case, patch, forwards = MISTAKES[mistake]
    learned, net, sampled = drawn(case)
    exact = by_tangents(stepwise.jvp, learned, net, sampled)[0]
    patch(monkeypatch)
    if forwards:
        found = by_tangents(two_pass.jvp, learned, net, sampled)[0]
    else:
        found = reverse.meta_gradient(learned, start_learning(learned, net, KINDS), sampled).gradient
        exact = exact[learned.warm_up :].mean(0)
    assert relative(found, exact) > 1e-6


def test_exact_estimators_hold_noisy_weights_too():
    """Noise of the weights is held as updates are: pathwise and reverse are the gradient under the same noise."""
    learned, net, sampled = drawn("tanh, Dale")
    sigma, theta = 0.002, learned.params.theta.clone().requires_grad_()
    learner = start_learning(learned, net, KINDS)
    own = [
        one.estimate(learned, learner, sampled, noise=Noise(sigma), generator=seeding.generator(4, "weights"))
        for one in (pathwise, estimator)
    ]
    drawn_noise = [
        one.drawn
        for one in run_trials(learned, learner, sampled, sigma, generator=seeding.generator(4, "weights"))
    ]
    moving = learned._replace(params=learned.params._replace(theta=theta))
    rewards = []
    for experience, noise in zip(sampled, drawn_noise, strict=True):
        awake = learner.trials >= learned.warm_up
        learner, outcome = learn(moving, learner, *experience)
        if noise is not None:
            noisy = references.held(net, learner.network.weights + sigma * noise)
            learner = with_weights(learner, noisy)
        if awake:
            rewards.append(outcome.feedback.reward)
    means = torch.stack(rewards).mean(0)
    exact = torch.stack([torch.autograd.grad(one, theta, retain_graph=True)[0].flatten() for one in means])
    assert (learner.network.weights == 0).any()
    for one in own:
        assert relative(one.gradient, exact) < 1e-10


def test_the_local_slope_is_that_of_the_held_update():
    """Against autograd of the weights after one trial at fixed weights before it."""
    learned, net, sampled = drawn("tanh, Dale")
    learner = start_learning(learned, net, KINDS)
    for h, experience in enumerate(sampled):
        theta = learned.params.theta.clone().requires_grad_()
        moving = learned._replace(params=learned.params._replace(theta=theta))
        after, outcome = learn(moving, learner, *experience)
        if h == TRIALS - 1:
            probe = torch.randn(net.weights.shape, generator=torch.Generator().manual_seed(1)).double()
            found = (score_local.slope(learned, learner, outcome) * probe[:, None]).sum((2, 3))
            seen = (after.network.weights * probe).sum((1, 2))
            exact = torch.stack(
                [torch.autograd.grad(one, theta, retain_graph=True)[0].flatten() for one in seen]
            )
            assert relative(found, exact) < 1e-10
        learner = learn(learned, learner, *experience)[0]


@pytest.mark.parametrize("phi", activation.ACTIVATIONS)
def test_slopes_are_derivatives_of_rates(phi):
    state = torch.cat([torch.linspace(-50, 50, 401), torch.tensor([0.0, 1e-3, -1e-3])]).double()
    moved = state.clone().requires_grad_()
    rate = activation.rate(moved, phi)
    (exact,) = torch.autograd.grad(rate.sum(), moved)
    torch.testing.assert_close(activation.slope(rate.detach(), phi), exact, rtol=1e-12, atol=1e-15)
    torch.testing.assert_close(rate.detach(), references.RATES[phi](state), rtol=1e-9, atol=1e-15)
    stepped = activation.rate(torch.complex(state, torch.full_like(state, 1e-30)), phi)
    torch.testing.assert_close(stepped.imag / 1e-30, exact, rtol=1e-10, atol=1e-14)
    assert activation.rate(torch.tensor(float("nan")), phi).isnan()
    with pytest.raises(ValueError, match="activation = 'cube': allowed are tanh, relu, softplus"):
        activation.rate(state, "cube")


@pytest.mark.parametrize("phi", activation.ACTIVATIONS)
def test_gradients_that_rules_are_told_equal_autograd(phi):
    """BPTT; and the local part of the gradient, which is all of it where weights are zero."""
    net = network(ON)._replace(activation=phi)
    trial, start, perturbation = experiences(1)[0]
    for weights in (net.weights, torch.zeros_like(net.weights)):
        moved = weights.clone().requires_grad_()
        trajectory = simulate(net._replace(weights=moved), trial.inputs, start, perturbation)
        earned, _ = reward(trial, trajectory.output)
        (exact,) = torch.autograd.grad(earned.sum(), moved)
        exact = exact * ~net.clamped[:, None]
        seen = Trajectory(*(part.detach() for part in trajectory))
        still = net._replace(weights=weights)
        output_gradient = reward(trial, seen.output)[1]
        assert relative(reward_gradient(still, seen, output_gradient), exact) < 1e-10
    assert relative(local_gradient(still, seen, output_gradient @ net.output_weights), exact) < 1e-10


@pytest.mark.parametrize("phi", activation.ACTIVATIONS)
def test_the_lyapunov_exponent_of_one_unit_at_rest(phi):
    """Beside a clamped one: the next state moves by 1 - leak + leak w phi'(x) of this one."""
    net = network({**OFF, "clamped": True})._replace(activation=phi)
    weights = torch.zeros_like(net.weights)
    weights[:, 0, 0], weights[:, 0, 2] = 0.7, 0.5
    start = net.clamped_state.double().expand(BATCH, -1).contiguous()
    net = net._replace(weights=weights, clamped=torch.arange(UNITS) > 0)
    x, bias = torch.zeros(()).double(), 0.5 * references.RATES[phi](start[0, 2])
    for _ in range(500):
        x = 0.7 * references.RATES[phi](x) + bias
    x.requires_grad_()
    (steep,) = torch.autograd.grad(references.RATES[phi](x), x)
    exact = torch.log(1 - net.leak + net.leak * 0.7 * steep)
    found = largest_exponent(net, start, burn_in=300, steps=200, generator=seeding.generator(1, "direction"))
    torch.testing.assert_close(found, exact.expand(BATCH), rtol=1e-8, atol=0)


def test_holding_leaves_what_it_made_and_hands_on_what_is_not_a_number():
    net = options_network(OFF, "tanh", "sparse dale")
    wild = torch.randn(BATCH, UNITS, UNITS, generator=torch.Generator().manual_seed(2)).double()
    held = synapses.hold(net, wild)
    assert torch.equal(synapses.hold(net, held), held)
    assert torch.equal(synapses.held(net, held), synapses.held(net, wild))
    assert torch.equal(held, references.held(net, wild))
    diverged = synapses.hold(net, wild * torch.nan)
    assert torch.equal(diverged.isnan(), net.exists)
    plain = network(OFF)
    assert synapses.hold(plain, wild) is wild
