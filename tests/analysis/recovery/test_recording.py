"""Compressed blocks give the least squares of all rows."""

import torch

import small_runs
from recorded import WARM_UP, recorded
from small_runs import DOUBLE
from threefactor import seeding
from threefactor.analysis.recovery import recording as seen
from threefactor.analysis.recovery.recording import blocks
from threefactor.analysis.recovery.regression import fit
from threefactor.analysis.recovery.simulated_recording import with_noisy_changes


def test_blocks_are_least_squares_on_all_rows():
    rule = small_runs.rule(small_runs.OFF, 1, warm_up=WARM_UP)
    whole = with_noisy_changes(recorded(rule, small_runs.OFF, 6), 1e-3, generator=seeding.generator(3))
    deviation, gate_value = seen.deviations(rule, whole), seen.gates(rule, whole)
    design, changes = [], []
    for b, h in whole.learning.nonzero().tolist():
        for i, j in whole.plastic.nonzero().tolist():
            row = [
                gate_value[b, h] * sum(rule.params.time_step * deviation[b, h, t, i] ** l * whole.rate[b, h, t, j] ** k
                                    for t in range(rule.params.onset, small_runs.STEPS))
                for k, l in rule.params.terms
            ]  # fmt: skip
            design.append(torch.stack([torch.as_tensor(x, dtype=DOUBLE) for x in row]))
            changes.append(whole.change[b, h, i, j])
    wanted = torch.linalg.lstsq(torch.stack(design), torch.stack(changes)[:, None]).solution[:, 0]
    found = fit(blocks(rule, whole, rule.params.terms))
    torch.testing.assert_close(found.value, wanted, rtol=1e-8, atol=1e-12)
    assert found.rows == len(changes)


def test_labels_of_trial_types_are_no_sizes():
    rule = small_runs.rule(small_runs.OFF, 1, warm_up=WARM_UP)
    whole = recorded(rule, small_runs.OFF, 8)
    far = whole._replace(trial_type=-(10**10) * whole.trial_type - 3)
    assert torch.equal(seen.baselines(rule, far), seen.baselines(rule, whole))
    merged = whole._replace(trial_type=0 * whole.trial_type)
    assert not torch.equal(seen.baselines(rule, merged), seen.baselines(rule, whole))


def test_a_constant_reward_has_no_reward_prediction_error():
    rule = small_runs.rule(small_runs.OFF, 1, warm_up=WARM_UP)
    whole = recorded(rule, small_runs.OFF, 8)
    assert seen.has_reward_prediction_error(rule, whole)
    # 0.1 is rounded at each step of its running mean
    constant = whole._replace(reward=torch.full_like(whole.reward, 0.1))
    assert not seen.has_reward_prediction_error(rule, constant)
    by_type = whole._replace(reward=0.1 * (1 + whole.trial_type))
    assert not seen.has_reward_prediction_error(rule, by_type)
    assert seen.has_reward_prediction_error(rule, by_type._replace(trial_type=0 * whole.trial_type))
