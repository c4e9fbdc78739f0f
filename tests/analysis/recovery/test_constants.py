"""Profile intervals of constants cover, and are no wider than that takes."""

import numpy as np
import pytest

import small_runs
from recorded import WARM_UP, recorded
from threefactor import seeding
from threefactor.analysis.recovery import constants
from threefactor.analysis.recovery.simulated_recording import size, with_noisy_changes

OPTIONS = {**small_runs.OFF, "baseline_exponent": 1.5}
TERMS = ((1, 1), (1, 2), (2, 1))


@pytest.mark.parametrize(("name", "draws"), [("baseline_exponent", 40), ("trace_decay", 16)])
def test_profile_intervals_cover(name, draws):
    rule = small_runs.rule(OPTIONS, 2, warm_up=WARM_UP)
    theta = rule.params.theta.clone()
    theta[[k for k, _ in TERMS], [l for _, l in TERMS]] = 0
    rule = rule._replace(params=rule.params._replace(terms=TERMS, theta=rule.params.theta - theta))
    whole, found = recorded(rule, OPTIONS, 12), []
    for n in range(draws):
        seen = with_noisy_changes(whole, 0.3 * size(whole), generator=seeding.generator(n, name))
        best = constants.search(rule, seen, TERMS, [name])
        found.append(constants.profile(best, seen, TERMS, name))
    low, best, high = np.array([(one.low, one.best, one.high) for one in found]).T
    true = constants.get(rule, name)
    assert ((low <= true) & (true <= high)).mean() > 0.84
    assert 0.7 < (high - low).mean() / 2 / 1.96 / best.std() < 1.6
