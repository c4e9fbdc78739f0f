"""Two measurements remove the bias of noisy rates and states."""

import torch
from scipy.stats import t as student

import small_runs
from recorded import WARM_UP, recorded
from threefactor import seeding
from threefactor.analysis.recovery.measured_twice import recover_twice
from threefactor.analysis.recovery.regression import recover
from threefactor.analysis.recovery.simulated_recording import with_noisy_rates


def test_two_measurements_undo_the_bias_of_noisy_rates_and_their_intervals_cover():
    rule = small_runs.rule(small_runs.OFF, 2, warm_up=WARM_UP)
    whole, true, terms = recorded(rule, small_runs.OFF, 60), rule.params.theta.flatten(), rule.params.terms
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
