"""Where the time of the tangents goes inside their compiled kernel, phase by phase.

A processor whose caches, loads or pages hold the kernel up shows it here: phases that multiply stand well below the
rate of a matrix product, phases that move memory take more of the whole than elsewhere.
"""

import resource
import time
from collections.abc import Callable
from statistics import median

import torch

from benchmarks import machine
from benchmarks.problem import make
from benchmarks.settings import Case
from threefactor.derivatives import two_pass
from threefactor.kernels.cpu import eligibility_sums, tangents
from threefactor.kernels.cpu.borrow import borrow
from threefactor.kernels.cpu.jit import fast
from threefactor.kernels.cpu.scans import pack_transposed
from threefactor.kernels.cpu.tangent_steps import (
    _advance,
    _feed,
    _follow,
    _gather,
    _mix,
    _turn,
    _unpack,
)
from threefactor.training.trial import learn

Row = dict[str, object]
ROUNDS, SHORTEST = 7, 0.02


@fast
def pack(s, times):  # type: ignore[no-untyped-def]
    """Copy W and U into panels."""
    s = borrow(s)
    for _ in range(times):
        pack_transposed(s.weights[0], s.scratch.panels, s.width)
        for p in range(s.tangent.shape[1]):
            pack_transposed(s.tangent[0, p], s.scratch.tangent_panels[p], s.width)


@fast
def feed(s, times):  # type: ignore[no-untyped-def]
    """Multiply U with the rates of all steps."""
    s = borrow(s)
    for _ in range(times):
        for t in range(0, s.rate.shape[1], s.scratch.drive.shape[0]):
            _feed(t, s.scratch, s.width)


@fast
def advance(s, times):  # type: ignore[no-untyped-def]
    """Multiply W with the rate tangents, step by step."""
    s = borrow(s)
    for _ in range(times):
        for t in range(s.rate.shape[1]):
            _advance(t % s.scratch.drive.shape[0], s.slope[0, t], s.scratch, s.rows, s.width)


@fast
def follow(s, times):  # type: ignore[no-untyped-def]
    """Move state and trace tangents on, step by step."""
    s = borrow(s)
    for _ in range(times):
        for t in range(s.rate.shape[1]):
            _follow(t % s.scratch.drive.shape[0], s.gain, s.decay, s.readout[0, t], s.rho[0], s.scratch)


@fast
def mix(s, times):  # type: ignore[no-untyped-def]
    """Write powers and factors of each step."""
    s = borrow(s)
    slices = s.scratch.powers.shape[0]
    for _ in range(times):
        for t in range(s.rate.shape[1]):
            _mix(s.grid, s.rate[0, t], s.deviation[0, t], s.step_weight[t], t % slices, s.scratch, s.width)


@fast
def turn(s, times):  # type: ignore[no-untyped-def]
    """Turn what each step brings to postsynaptic units."""
    s = borrow(s)
    slices = s.scratch.powers.shape[0]
    for _ in range(times):
        for t in range(s.rate.shape[1]):
            _turn(t % slices, s.scratch, s.width)


@fast
def gather(s, times):  # type: ignore[no-untyped-def]
    """Sum the eligibility tangents over all steps."""
    s = borrow(s)
    steps, slices = s.rate.shape[1], s.scratch.powers.shape[0]
    for _ in range(times):
        for t in range(0, steps, slices):
            count = min(slices, steps - t)
            _gather(s.grid.terms, count, s.rate.shape[2], s.scratch, s.rows, s.ahead, s.back, s.width)


@fast
def unpack(s, times):  # type: ignore[no-untyped-def]
    """Copy the eligibility tangents out of their tiles."""
    s = borrow(s)
    for _ in range(times):
        _unpack(s.scratch.z, s.z[0], s.width)


def measure(case: Case) -> list[Row]:
    """Return a row for each phase, for one network in cache, and for the kernel as it is called.

    Its ms per trial and network, GFLOP/s of its multiply-adds, and page faults.
    """
    problem, (n, t, p) = make(case), (case.units, case.steps, case.coefficients)
    rule, before, one = problem.rule, problem.before, problem.experiences[0]
    params, network, tangent = rule.params, before.network, problem.tangents
    _, outcome = learn(rule, before, *one)
    linearised = two_pass.linearise_trial(rule, before, outcome)
    steps = tangents.prepare(
        *(params.theta, params.terms, linearised, network.weights, network.clamped, network.leak),
        *(params.trace_decay, tangent.weight, tangent.trace),
    )
    tangents.run(steps)  # so that no phase meets numbers that it never sees
    gathered = 3 * p + len(steps.ahead) + len(steps.back)
    units = {feed: p, advance: p, gather: gathered}
    rows = []
    for phase in (pack, feed, advance, follow, mix, turn, gather, unpack):
        seconds, faults = _time(lambda times, phase=phase: phase(steps, times))
        rate = 2e-9 * units.get(phase, 0) * n * n * t / seconds
        rows.append(_row(phase.__doc__.rstrip("."), seconds, rate, faults))
    e = two_pass.eligibility(params, network, linearised.deviation, linearised.rate)
    z, rho, _ = two_pass.through_trial(rule, before, linearised, tangent)
    ones = torch.ones(case.networks)

    def called(times: int) -> None:
        for _ in range(times):
            two_pass.through_trial(rule, before, linearised, tangent)

    def moved(times: int) -> None:
        for _ in range(times):
            eligibility_sums.move(tangent.weight, z, e, ones, 0 * rho, 1.0, 0.0)

    for name, work in {"The kernel as it is called": called, "The move of U": moved}.items():
        seconds, faults = _time(work)
        rows.append(_row(name, seconds / case.networks, 0, faults / case.networks))
    return rows


def show(case: Case, rows: list[Row]) -> None:
    """Print the table."""
    print(f"\nTangents, {case.label}: ms per trial and network, GFLOP/s where it multiplies, page faults")
    for row in rows:
        rate = f"{row['gflops']:8.0f}" if row["gflops"] else " " * 8
        print(f"{row['phase']:55} {row['ms']:8.3f} {rate} {row['faults']:8.1f}")
    print(machine.label(machine.describe()))


def _row(phase: str, seconds: float, gflops: float, faults: float) -> Row:
    return {"phase": phase, "ms": 1e3 * seconds, "gflops": gflops, "faults": faults}


def _time(work: Callable[[int], object]) -> tuple[float, float]:
    """Return CPU seconds and page faults of one time."""
    work(1)
    begin = time.process_time()
    work(1)
    times = max(1, round(SHORTEST / max(1e-6, time.process_time() - begin)))
    samples = []
    for _ in range(ROUNDS):
        used, before = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_minflt
        work(times)
        faults = resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before
        samples.append(((time.process_time() - used) / times, faults / times))
    return median(sample[0] for sample in samples), median(sample[1] for sample in samples)
