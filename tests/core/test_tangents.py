"""The tangents are the derivatives of learning, whatever the options of the rule are."""

import itertools

import pytest
import torch

import references
from core.settings import KINDS, OFF, ON, experiences, network, rule
from threefactor.derivatives import stepwise, two_pass
from threefactor.derivatives.end_of_trial import end_trial, start_tangents
from threefactor.kernels import backend, scans
from threefactor.kernels.standardise import Standard
from threefactor.kernels.torch import sums as products
from threefactor.training.trial import learn, start_learning

TRIALS = 20
VARIANTS = {
    "all off": OFF,
    "all on": ON,
    **{f"only {name}": {**OFF, name: ON[name]} for name in ON},
    **{f"all but {name}": {**ON, name: OFF[name]} for name in ON},
    "normalised": {**OFF, "standard": Standard(None, 0.7, 0.3)},
    "standardised": {**OFF, "standard": Standard(0.5, 0.7, 0.3)},
    "all on, standardised": {**ON, "standard": Standard(0.4, 0.8, 0.2)},
    "all on, own weight": {**ON, "weight_linear": -1.2, "weight_quadratic": 0.3},
}


def run(jvp, options, degree, trials=TRIALS, reward="squared"):
    """Return rho (h b p), U, psi after the last trial, and rewards and updates."""
    net, learned = network(options), rule(options, degree)
    learner = start_learning(learned, net, KINDS)
    tangents = start_tangents(learned, learner)
    rhos, rewards, weight_tangents, updates = [], [], [], []
    for experience in experiences(trials, reward=reward):
        before = learner
        learner, outcome = learn(learned, before, *experience)
        tangents, rho = jvp(learned, before, experience.trial, outcome, tangents)
        rhos.append(rho)
        rewards.append(outcome.feedback.reward)
        weight_tangents.append(tangents.weight)
        updates.append(outcome.update)
    return (
        torch.stack(rhos),
        torch.stack(weight_tangents),
        tangents,
        torch.stack(rewards),
        torch.stack(updates),
        learner,
    )


def reference(options, degree, trials=TRIALS, reward="squared"):
    """Return the slow lifetime as a function of theta, and theta."""
    learned = rule(options, degree)
    net, trial_list = network(options), experiences(trials, reward=reward)

    def run(value):
        return references.learn(
            value, learned.params, net, trial_list, learned.baseline_decay, learned.warm_up, KINDS
        )

    return run, learned.params.theta


def relative(x, y):
    return ((x - y).norm() / y.norm()).item()


@pytest.mark.parametrize("degree", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("variant", VARIANTS)
def test_tangents_equal_autograd_through_learning(variant, degree):
    options = VARIANTS[variant]
    run, theta = reference(options, degree)
    forward = torch.func.jacfwd(lambda value: tuple(run(value)[i] for i in (0, 1)), randomness="error")
    reward_jacobian, weight_jacobian = (x.flatten(-2) for x in forward(theta))
    rho, weight_tangent, _, rewards, _, _ = run(two_pass.jvp, options, degree)
    assert relative(rewards, run(theta).reward) < 1e-13
    assert relative(rho, reward_jacobian) < 1e-10
    assert relative(weight_tangent, weight_jacobian.movedim(-1, 2)) < 1e-10


@pytest.mark.parametrize("variant", VARIANTS)
def test_two_pass_equals_stepwise(variant):
    for degree in (2, 5):
        slow = run(stepwise.jvp, VARIANTS[variant], degree)
        fast = run(two_pass.jvp, VARIANTS[variant], degree)
        assert relative(fast[0], slow[0]) < 1e-12
        assert relative(fast[1], slow[1]) < 1e-12
        assert fast[2].trace.allclose(slow[2].trace, rtol=1e-11, atol=1e-14)
        assert fast[2].baseline.allclose(slow[2].baseline, rtol=1e-11, atol=1e-14)


@pytest.mark.parametrize("numba", [True, False])
def test_state_trace_and_eligibility_tangents_equal_autograd(monkeypatch, numba):
    """Chi, psi and z of the last trial, each by itself; chi where it is kept, without numba."""
    if not numba:
        monkeypatch.setattr(backend, "_numba", lambda: False)
    degree, trials = 3, 6
    run, theta = reference(ON, degree, trials)
    jacobian = torch.func.jacfwd(lambda value: tuple(run(value)[i][-1] for i in (2, 3, 4)))(theta)
    state, trace, eligibility = (x.flatten(-2) for x in jacobian)
    seen = {}

    def watched(rule_, before, trial, outcome, tangents, e, z, rho, psi):
        seen.update(z=z.clone(), psi=psi)
        return end_trial(rule_, before, trial, outcome, tangents, e, z, rho, psi)

    tangent_scan = scans.tangent_scan

    def scanned(*arguments):
        seen["chi"] = tangent_scan(*arguments)
        return seen["chi"]

    monkeypatch.setattr(two_pass, "end_trial", watched)
    monkeypatch.setattr(scans, "tangent_scan", scanned)
    run(two_pass.jvp, ON, degree, trials)
    assert relative(seen["z"], eligibility.movedim(-1, 1)) < 1e-10
    assert relative(seen["psi"], trace.movedim(-1, 1)) < 1e-10
    assert numba or relative(seen["chi"], state.movedim(-1, 2)) < 1e-10


def test_clip_and_stabiliser_take_part():
    """The options under test do something: some updates are clipped, not all, and the baseline_exponent moves them."""
    *_, updates, _ = run(two_pass.jvp, {**OFF, "clip": ON["clip"]}, 3)
    share = (updates.abs() >= ON["clip"]).double().mean().item()
    assert 0.05 < share < 0.95
    plain = run(two_pass.jvp, OFF, 3)[4]
    assert not torch.allclose(plain, run(two_pass.jvp, {**OFF, "baseline_exponent": 1.5}, 3)[4])


@pytest.mark.parametrize("missing", ["reward tangent left out", "late rate", "forgotten trace"])
def test_known_mistakes_are_seen(missing):
    """The comparison is sharp enough to see the mistakes that science knows of."""
    run, theta = reference(ON, 3)
    exact = torch.func.jacfwd(lambda value: run(value).reward)(theta).flatten(-2)
    wrong = run(MISTAKES[missing], ON, 3)[0]
    assert relative(wrong, exact) > 1e-6


def without_reward_tangent(rule_, before, trial, outcome, tangents):
    zeroed = outcome._replace(
        feedback=outcome.feedback._replace(output_gradient=torch.zeros_like(outcome.feedback.output_gradient))
    )
    after, _ = stepwise.jvp(rule_, before, trial, zeroed, tangents)
    _, rho = stepwise.jvp(rule_, before, trial, outcome, tangents)
    return after, rho


def with_late_rate(rule_, before, trial, outcome, tangents):
    late = outcome.trajectory._replace(rate=torch.tanh(outcome.trajectory.state[:, 1:]))
    return stepwise.jvp(rule_, before, trial, outcome._replace(trajectory=late), tangents)


def with_forgotten_trace(rule_, before, trial, outcome, tangents):
    return stepwise.jvp(
        rule_, before, trial, outcome, tangents._replace(trace=torch.zeros_like(tangents.trace))
    )


MISTAKES = {
    "reward tangent left out": without_reward_tangent,
    "late rate": with_late_rate,
    "forgotten trace": with_forgotten_trace,
}


def test_differences_converge_at_second_order():
    run, theta = reference(OFF, 3, trials=8)
    rho = run(two_pass.jvp, OFF, 3, trials=8)[0][-1]
    direction = torch.randn(theta.shape, dtype=theta.dtype, generator=torch.Generator().manual_seed(5))
    exact = (rho * direction.flatten()).sum(1)
    errors = []
    for step in (1e-2, 5e-3, 2.5e-3):
        up, down = (run(theta + s * step * direction).reward[-1] for s in (1, -1))
        errors.append(relative((up - down) / (2 * step), exact))
    for coarse, fine in itertools.pairwise(errors):
        assert coarse / fine == pytest.approx(4, rel=0.1)


def test_graded_reward_equals_complex_step():
    run, theta = reference(ON, 2, reward="graded")
    rho = run(two_pass.jvp, ON, 2, reward="graded")[0]
    columns = []
    for p in range(theta.numel()):
        step = torch.zeros(theta.numel(), dtype=torch.complex128)
        step[p] = 1e-30j
        columns.append(run(theta + step.view(theta.shape)).reward.imag / 1e-30)
    assert relative(rho, torch.stack(columns, -1)) < 1e-10


def test_networks_taken_one_at_a_time_give_the_same(monkeypatch):
    whole = run(two_pass.jvp, ON, 3, trials=8)
    monkeypatch.setattr(two_pass, "LIMIT", 1)
    parts = run(two_pass.jvp, ON, 3, trials=8)
    _assert_same(whole, parts)


def test_steps_taken_some_at_a_time_give_the_same(monkeypatch):
    monkeypatch.setattr(backend, "_numba", lambda: False)
    whole = run(two_pass.jvp, ON, 3, trials=8)
    monkeypatch.setattr(products, "LIMIT", 500)
    _assert_same(whole, run(two_pass.jvp, ON, 3, trials=8))


def _assert_same(whole, parts):
    for one, other in zip(whole[:2], parts[:2], strict=True):
        torch.testing.assert_close(one, other, rtol=1e-12, atol=1e-15)
    torch.testing.assert_close(whole[2].baseline, parts[2].baseline, rtol=1e-12, atol=1e-15)
