"""A ground-truth rule is recovered, with error bars that cover it."""

import math

import pytest
import torch
from scipy.stats import t as student

import small_runs
from designs import designs
from recorded import WARM_UP, recorded
from small_runs import DOUBLE
from threefactor import seeding
from threefactor.analysis.recovery.recording import Blocks
from threefactor.analysis.recovery.regression import CollinearError, fit, recover
from threefactor.contract import GateShape


@pytest.mark.parametrize("variant", ["all on", "all off", "all on, shaped gate"])
def test_a_dense_rule_of_degree_five_comes_back(variant):
    options = small_runs.VARIANTS[variant]
    rule = small_runs.rule(options, 5, warm_up=WARM_UP, learning_rate=0.002)
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
        "shape": rule._replace(params=own._replace(shape=GateShape(gate_error=0.3))),
    }


@pytest.mark.parametrize("name", ["baseline", "baseline_exponent", "trace", "eligibility", "onset", "shape"])
def test_wrong_constants_leave_a_residual(name):
    rule = small_runs.rule(small_runs.OFF, 2, warm_up=WARM_UP)
    whole = recorded(rule, small_runs.OFF)
    size = whole.change[whole.learning].square().mean().sqrt()
    assert recover(rule, whole, rule.params.terms).residual < 1e-10 * size
    assert recover(mutations(rule)[name], whole, rule.params.terms).residual > 1e-4 * size


def test_another_gate_does_not_bring_the_rule_back():
    """A gate without the factor |R̄|^s, instead of the one that the networks learned by."""
    rule = small_runs.rule(small_runs.ON, 2, warm_up=WARM_UP)
    plain = rule._replace(params=rule.params._replace(baseline_exponent=0.0))
    found = recover(plain, recorded(rule, small_runs.ON), rule.params.terms)
    assert (found.value - rule.params.theta.flatten()).norm() > 0.1 * rule.params.theta.norm()


@pytest.mark.parametrize("sparse", [False, True])
@pytest.mark.parametrize("noise_is", ["equal", "shared within a trial", "by the trial's size"])
def test_intervals_cover(noise_is, sparse):
    X, rows = designs()
    count, size, _ = X.shape
    true = torch.tensor([0.0, 0.0, -1.0, 0.0, 0.0] if sparse else [0.7, -0.4, 1.0, 0.2, -0.9], dtype=DOUBLE)
    source, hits = seeding.generator(1, noise_is), []
    for _ in range(200):
        noise = torch.randn(count, size, generator=source, dtype=DOUBLE)
        if noise_is == "shared within a trial":
            noise = noise + X[..., 0] * torch.randn(count, 1, generator=source, dtype=DOUBLE)
        if noise_is == "by the trial's size":
            noise = noise * X.square().mean((1, 2)).sqrt()[:, None]
        y = X @ true + 0.5 * noise
        triangle = torch.linalg.qr(torch.cat([X, y[..., None]], 2), mode="r").R
        found = fit(Blocks(triangle, torch.ones(count, dtype=DOUBLE), rows, 0 * rows))
        reach = torch.from_numpy(student.ppf(0.975, found.freedom)) * found.standard_error
        hits.append((found.value - true).abs() < reach)
    share = torch.stack(hits).double().mean()
    assert 0.90 < share < 0.98


def test_collinear_terms_are_named():
    X, rows = designs(6, 3, 20)
    X[..., 2] = 2 * X[..., 0]
    triangle = torch.linalg.qr(torch.cat([X, X[..., :1]], 2), mode="r").R
    with pytest.raises(CollinearError) as raised:
        fit(Blocks(triangle, torch.ones(6, dtype=DOUBLE), rows, 0 * rows))
    assert raised.value.places == [0, 2]
