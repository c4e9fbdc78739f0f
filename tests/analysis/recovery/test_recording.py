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
