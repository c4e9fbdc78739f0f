"""Tangents take as much memory for a long learning run as for a short one."""

import subprocess
import sys

SCRIPT = """
import torch
from threefactor.kernels import eligibility_sums
from threefactor.kernels.linearised import LinearisedTrial
torch.set_num_threads(1)
units, steps, count, batch = 128, 20, 9, 24
terms = tuple((k, l) for k in (1, 3, 5) for l in (1, 3, 5))
theta, rate = torch.ones(6, 6), torch.rand(batch, steps + 1, units)
linearised = LinearisedTrial(rate[:, :-1], 1 - rate**2, 0.1 * rate[:, 1:], torch.ones(steps, units), 0.01 * rate[:, 1:])
weights, clamped = torch.randn(batch, units, units) / units**0.5, torch.zeros(units, dtype=torch.bool)

def resident():
    return int(open("/proc/self/statm").read().split()[1]) * 4096

tangent, kept = torch.zeros(batch, count, units, units), []
for h in range(24):
    trace = torch.zeros(batch, count, units)
    z, rho, _ = eligibility_sums.through_trial(theta, terms, linearised, weights, clamped, 0.1, 0.3, tangent, trace)
    e, one = 1e-3 * weights, torch.ones(batch)
    tangent = eligibility_sums.move(tangent, z, e, 1e-6 * one, 0 * rho, float("inf"), 0.0)
    kept.append(rho)
    if h == 8:
        before = resident()
print((resident() - before) / tangent.nbytes)
"""


def test_what_a_trial_frees_is_not_split_by_what_it_keeps():
    """Small results that are kept lie among large ones that are freed: the heap must not grow around them."""
    grown = subprocess.check_output([sys.executable, "-W", "ignore", "-c", SCRIPT], text=True)
    assert float(grown) < 2
