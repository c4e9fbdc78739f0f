"""Activations, synapses that do not exist, Dale's law and Gaussian perturbations: exact derivatives all the same."""

import pytest
import torch

import references
from network_options import CASES, drawn
from small_runs import TRIAL_TYPES, relative
from threefactor.derivatives import reverse, stepwise, two_pass
from threefactor.derivatives.end_of_trial import start_tangents
from threefactor.derivatives.reverse_checkpoints import keep
from threefactor.derivatives.trial_vjp import vjp, zero_adjoint
from threefactor.kernels.backend import using
from threefactor.training.trial import learn, start_learning


def by_tangents(jvp, learned, net, sampled):
    """Return rho (h b p), U (h b p i j) and the weights (h b i j) after each trial."""
    learner = start_learning(learned, net, TRIAL_TYPES)
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
        learning_run = references.learn(theta, learned, net, sampled, TRIAL_TYPES)
        return (learning_run.reward, learning_run.weights), learning_run.weights

    (rho, weight), weights = torch.func.jacfwd(run, has_aux=True)(learned.params.theta)
    return rho.flatten(-2), weight.flatten(-2).movedim(-1, 2), weights


@pytest.mark.parametrize("case", CASES)
def test_all_three_forms_equal_autograd_through_learning(case):
    learned, net, sampled = drawn(case)
    rho, weight, weights = exactly(learned, net, sampled)
    for jvp, backend in ((stepwise.jvp, "cpu"), (two_pass.jvp, "cpu"), (two_pass.jvp, "torch")):
        with using(backend):
            found = by_tangents(jvp, learned, net, sampled)
        torch.testing.assert_close(found[0], rho, rtol=1e-10, atol=1e-10 * rho.abs().max().item())
        assert relative(found[1], weight) < 1e-10
        torch.testing.assert_close(found[2], weights, rtol=1e-12, atol=1e-14)
    backwards = reverse.meta_gradient(learned, start_learning(learned, net, TRIAL_TYPES), sampled).gradient
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


def changed(**options):
    """Return a jvp that takes the network for another one."""

    def mistaken(learned, before, trial, outcome, tangents):
        return two_pass.jvp(
            learned, before._replace(network=before.network._replace(**options)), trial, outcome, tangents
        )

    return mistaken


MISTAKES = {
    "U is not held": ("tanh, Dale", changed(sign=None)),
    "absent synapses have tangents": ("softplus, some synapses", changed(exists=None)),
    "slope of tanh": ("relu", changed(activation="tanh")),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistakes_are_seen(mistake):
    case, mistaken = MISTAKES[mistake]
    exact, found = (by_tangents(jvp, *drawn(case))[0] for jvp in (stepwise.jvp, mistaken))
    assert relative(found, exact) > 1e-6


def test_a_reverse_mode_that_does_not_hold_is_seen():
    learned, net, sampled = drawn("tanh, Dale")
    exact = reverse.meta_gradient(learned, start_learning(learned, net, TRIAL_TYPES), sampled).gradient
    learner, kept = start_learning(learned, net, TRIAL_TYPES), []
    for experience in sampled:
        before = learner
        learner, outcome = learn(learned, before, *experience)
        if before.trials >= learned.warm_up:
            kept.append(keep(learned, before, experience, outcome, learner))
    for changes, lower, upper in (({}, 0, 1e-10), ({"free": None}, 1e-6, torch.inf)):
        adjoint, gradient = zero_adjoint(learner), 0
        for one in reversed(kept):
            adjoint, direct = vjp(learned, one._replace(**changes), adjoint, 1 / len(kept))
            gradient = gradient + direct
        assert lower <= relative(gradient, exact) < upper
