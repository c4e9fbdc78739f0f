"""The tangents are the derivatives of learning, whatever the options of the rule are."""

import itertools
from functools import partial

import pytest
import torch

from derivatives.tangents import reference, run
from small_runs import OFF, ON, VARIANTS, experiences, relative, rule
from threefactor.derivatives import stepwise, two_pass
from threefactor.kernels import scans
from threefactor.kernels.backend import using
from threefactor.training.trial import learn

BACKENDS = ["cpu", "torch"]


CASES = [(variant, 5) for variant in VARIANTS] + [
    (variant, degree) for variant in ("all on", "all off") for degree in (1, 2)
]
"""Degree 5 has every power of the lower ones; these have code of their own where few powers are needed."""


@pytest.mark.parametrize(("variant", "degree"), CASES)
def test_tangents_equal_autograd_through_learning(variant, degree):
    options = VARIANTS[variant]
    run_slowly, theta = reference(options, degree)
    forward = torch.func.jacfwd(lambda value: tuple(run_slowly(value)[i] for i in (0, 1)), randomness="error")
    reward_jacobian, weight_jacobian = (x.flatten(-2) for x in forward(theta))
    rho, weight_tangent, _, rewards, _, _ = run(two_pass.jvp, options, degree)
    assert relative(rewards, run_slowly(theta).reward) < 1e-13
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


@pytest.mark.parametrize("backend", BACKENDS)
def test_state_trace_and_eligibility_tangents_equal_autograd(backend):
    """Chi, psi and z of the last trial, each by itself."""
    degree, trials = 3, 6
    run_slowly, theta = reference(ON, degree, trials)
    jacobian = torch.func.jacfwd(lambda value: tuple(run_slowly(value)[i][-1] for i in (2, 3, 4)))(theta)
    state, trace, eligibility = (x.flatten(-2) for x in jacobian)
    *_, weight_tangents, tangents, _, _, before = run(stepwise.jvp, ON, degree, trials - 1)[1:]
    last, learned = experiences(trials)[-1], rule(ON, degree)
    _, outcome = learn(learned, before, *last)
    with using(backend):
        linearised = two_pass.linearise_trial(learned, before, outcome)
        z, _, psi = two_pass.through_trial(learned, before, linearised, tangents)
        network, rate = before.network, outcome.trajectory.rate
        drive = torch.einsum("bpij,btj->btpi", weight_tangents[-1], rate)
        slope, start = linearised.slope[:, :-1], torch.zeros_like(psi)
        chi = scans.tangent_scan(network.weights, slope, drive, start, network.clamped, network.leak)
    assert relative(z, eligibility.movedim(-1, 1)) < 1e-10
    assert relative(psi, trace.movedim(-1, 1)) < 1e-10
    assert relative(chi, state.movedim(-1, 2)) < 1e-10


def test_clip_and_baseline_exponent_take_part():
    """The options under test do something: some updates are clipped, not all, and the baseline_exponent moves them."""
    *_, updates, _ = run(two_pass.jvp, {**OFF, "clip": ON["clip"]}, 3)
    share = (updates.abs() >= ON["clip"]).double().mean().item()
    assert 0.05 < share < 0.95
    plain = run(two_pass.jvp, OFF, 3)[4]
    assert not torch.allclose(plain, run(two_pass.jvp, {**OFF, "baseline_exponent": 1.5}, 3)[4])


@pytest.mark.parametrize("missing", ["reward tangent left out", "late rate", "forgotten trace"])
def test_known_mistakes_are_seen(missing):
    """The comparison is sharp enough to see the mistakes that science knows of."""
    run_slowly, theta = reference(ON, 3)
    exact = torch.func.jacfwd(lambda value: run_slowly(value).reward)(theta).flatten(-2)
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
    run_slowly, theta = reference(OFF, 3, trials=8)
    rho = run(two_pass.jvp, OFF, 3, trials=8)[0][-1]
    direction = torch.randn(theta.shape, dtype=theta.dtype, generator=torch.Generator().manual_seed(5))
    exact = (rho * direction.flatten()).sum(1)
    errors = []
    for step in (1e-2, 5e-3, 2.5e-3):
        up, down = (run_slowly(theta + s * step * direction).reward[-1] for s in (1, -1))
        errors.append(relative((up - down) / (2 * step), exact))
    for coarse, fine in itertools.pairwise(errors):
        assert coarse / fine == pytest.approx(4, rel=0.1)


def test_graded_reward_equals_complex_step():
    run_slowly, theta = reference(ON, 2, reward="graded")
    rho = run(two_pass.jvp, ON, 2, reward="graded")[0]
    columns = []
    for p in range(theta.numel()):
        step = torch.zeros(theta.numel(), dtype=torch.complex128)
        step[p] = 1e-30j
        columns.append(run_slowly(theta + step.view(theta.shape)).reward.imag / 1e-30)
    assert relative(rho, torch.stack(columns, -1)) < 1e-10


def test_networks_taken_one_at_a_time_give_the_same():
    whole = run(two_pass.jvp, ON, 3, trials=8)
    parts = run(partial(two_pass.jvp, limit=1), ON, 3, trials=8)
    for one, other in zip(whole[:2], parts[:2], strict=True):
        torch.testing.assert_close(one, other, rtol=1e-12, atol=1e-15)
    torch.testing.assert_close(whole[2].baseline, parts[2].baseline, rtol=1e-12, atol=1e-15)
