"""A hidden rule comes back, with error bars that cover it."""

import math

import pytest
import torch
from scipy.stats import t as student

import small_runs as settings
from core.recorded import WARM_UP, recorded
from small_runs import DOUBLE
from threefactor import seeding
from threefactor.analysis.recovery import recording as seen
from threefactor.analysis.recovery.measured_twice import recover_twice
from threefactor.analysis.recovery.observer import with_noisy_changes, with_noisy_rates
from threefactor.analysis.recovery.recording import Blocks, blocks
from threefactor.analysis.recovery.regression import CollinearError, fit, recover
from threefactor.analysis.recovery.repeats import repeat


@pytest.mark.parametrize("options", [settings.ON, settings.OFF], ids=["on", "off"])
def test_a_dense_rule_of_degree_five_comes_back(options):
    rule = settings.rule(options, 5, warm_up=WARM_UP, learning_rate=0.002)
    found = recover(rule, recorded(rule, options, 40), rule.params.terms)
    assert (found.value - rule.params.theta.flatten()).norm() < 1e-6 * rule.params.theta.norm()
    assert (found.clipped > 0) == (options["clip"] < math.inf)


def mutations(rule):
    own = rule.params
    return {
        "baseline": rule._replace(baseline_decay=0.6),
        "baseline_exponent": rule._replace(
            params=own._replace(baseline_exponent=own.baseline_exponent + 0.5)
        ),
        "trace": rule._replace(params=own._replace(trace_decay=0.5)),
        "eligibility": rule._replace(params=own._replace(eligibility_decay=0.8)),
        "onset": rule._replace(params=own._replace(onset=2)),
    }


@pytest.mark.parametrize("name", ["baseline", "baseline_exponent", "trace", "eligibility", "onset"])
def test_wrong_constants_leave_something_over(name):
    rule = settings.rule(settings.OFF, 2, warm_up=WARM_UP)
    whole = recorded(rule, settings.OFF)
    size = whole.change[whole.learning].square().mean().sqrt()
    assert recover(rule, whole, rule.params.terms).residual < 1e-10 * size
    assert recover(mutations(rule)[name], whole, rule.params.terms).residual > 1e-4 * size


def test_a_mutated_gate_does_not_bring_the_rule_back(monkeypatch):
    rule = settings.rule(settings.ON, 2, warm_up=WARM_UP)
    whole = recorded(rule, settings.ON)
    monkeypatch.setattr(seen, "gate", lambda rate, s, feedback: rate * (feedback.reward - feedback.baseline))
    found = recover(rule, whole, rule.params.terms)
    assert (found.value - rule.params.theta.flatten()).norm() > 0.1 * rule.params.theta.norm()


def test_blocks_are_least_squares_on_all_rows():
    rule = settings.rule(settings.OFF, 1, warm_up=WARM_UP)
    whole = with_noisy_changes(recorded(rule, settings.OFF, 6), 1e-3, generator=seeding.generator(3))
    deviation, gate_value = seen.deviations(rule, whole), seen.gates(rule, whole)
    design, changes = [], []
    for b, h in whole.learning.nonzero().tolist():
        for i, j in whole.plastic.nonzero().tolist():
            row = [
                gate_value[b, h] * sum(rule.params.time_step * deviation[b, h, t, i] ** l * whole.rate[b, h, t, j] ** k
                                    for t in range(rule.params.onset, settings.STEPS))
                for k, l in rule.params.terms
            ]  # fmt: skip
            design.append(torch.stack([torch.as_tensor(x, dtype=DOUBLE) for x in row]))
            changes.append(whole.change[b, h, i, j])
    wanted = torch.linalg.lstsq(torch.stack(design), torch.stack(changes)[:, None]).solution[:, 0]
    found = fit(blocks(rule, whole, rule.params.terms))
    torch.testing.assert_close(found.value, wanted, rtol=1e-8, atol=1e-12)
    assert found.rows == len(changes)


def designs(count=30, terms=5, rows=40):
    """Return blocks whose sizes differ as gates do, most of them being small."""
    draw = {"generator": seeding.generator(7, "designs"), "dtype": DOUBLE}
    X = torch.randn(count, rows, terms, **draw) * torch.randn(count, 1, 1, **draw).abs() ** 1.5
    full = torch.full((count,), rows)
    return X, full


@pytest.mark.parametrize("sparse", [False, True])
@pytest.mark.parametrize("kind", ["equal", "shared within a trial", "by the trial's size"])
def test_intervals_cover(trial_type, sparse):
    X, rows = designs()
    count, size, _ = X.shape
    true = torch.tensor([0.0, 0.0, -1.0, 0.0, 0.0] if sparse else [0.7, -0.4, 1.0, 0.2, -0.9], dtype=DOUBLE)
    source, hits = seeding.generator(1, trial_type), []
    for _ in range(200):
        noise = torch.randn(count, size, generator=source, dtype=DOUBLE)
        if trial_type == "shared within a trial":
            noise = noise + X[..., 0] * torch.randn(count, 1, generator=source, dtype=DOUBLE)
        if trial_type == "by the trial's size":
            noise = noise * X.square().mean((1, 2)).sqrt()[:, None]
        y = X @ true + 0.5 * noise
        triangle = torch.linalg.qr(torch.cat([X, y[..., None]], 2), mode="r").R
        found = fit(Blocks(triangle, torch.ones(count, dtype=DOUBLE), rows, 0 * rows))
        reach = torch.from_numpy(student.ppf(0.975, found.freedom)) * found.standard_error
        hits.append((found.value - true).abs() < reach)
    share = torch.stack(hits).double().mean()
    assert 0.90 < share < 0.98


def test_repeats_are_fits_to_noise_on_every_row():
    X, rows = designs(6, 3, 20)
    true = torch.tensor([1.0, -2.0, 0.5], dtype=DOUBLE)
    exact = torch.linalg.qr(torch.cat([X, (X @ true)[..., None]], 2), mode="r").R
    clean = Blocks(exact, torch.ones(6, dtype=DOUBLE), rows, 0 * rows)
    found = repeat(clean, 0.3, 3000, generator=seeding.generator(5))
    flat = X.flatten(0, 1)
    wanted = 0.09 * torch.linalg.inv(flat.T @ flat)
    torch.testing.assert_close(found.value.T.cov(), wanted, rtol=0.1, atol=0.06 * float(wanted.diag().max()))
    assert (found.standard_error.square().mean(0) / wanted.diag() - 1).abs().max() < 0.1


def test_a_repeat_is_the_fit_of_its_noise():
    X, rows = designs(6, 3, 20)
    whole = torch.linalg.qr(torch.cat([X, X @ torch.ones(3, 1, dtype=DOUBLE)], 2), mode="r").R
    clean = Blocks(whole, torch.full((6,), 0.7, dtype=DOUBLE), rows, 0 * rows)
    found = repeat(clean, 0.2, 2, generator=seeding.generator(6))
    drawn = torch.randn(2, 6, 4, generator=seeding.generator(6), dtype=DOUBLE)
    for n in range(2):
        noisy = whole.clone()
        noisy[..., -1] += 0.2 * drawn[n]
        alone = fit(clean._replace(triangle=noisy))
        torch.testing.assert_close(found.value[n], alone.value, rtol=1e-12, atol=0)
        torch.testing.assert_close(found.standard_error[n], alone.standard_error, rtol=1e-10, atol=0)


def test_terms_that_cannot_be_told_apart_are_named():
    X, rows = designs(6, 3, 20)
    X[..., 2] = 2 * X[..., 0]
    triangle = torch.linalg.qr(torch.cat([X, X[..., :1]], 2), mode="r").R
    with pytest.raises(CollinearError) as raised:
        fit(Blocks(triangle, torch.ones(6, dtype=DOUBLE), rows, 0 * rows))
    assert raised.value.places == [0, 2]


def test_two_measurements_undo_the_bias_of_noisy_rates_and_their_intervals_cover():
    rule = settings.rule(settings.OFF, 2, warm_up=WARM_UP)
    whole, true, terms = recorded(rule, settings.OFF, 60), rule.params.theta.flatten(), rule.params.terms
    hits = []
    for n in range(15):
        one, other = (with_noisy_rates(whole, 0.15, generator=seeding.generator(n, m)) for m in range(2))
        for found in (recover(rule, one, terms), recover_twice(rule, one, other, terms)):
            reach = torch.from_numpy(student.ppf(0.975, found.freedom)) * found.standard_error
            hits.append((found.value - true).abs() < reach)
    once, twice = torch.stack(hits).double().view(15, 2, -1).mean((0, 2))
    assert once < 0.8
    assert twice > 0.92
    same = recover_twice(rule, whole, whole, terms)
    torch.testing.assert_close(same.value, true, rtol=1e-7, atol=1e-9)
