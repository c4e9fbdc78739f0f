"""The source of the GPU's kernels, unchanged, in an emulator on the CPU against a loop in float64."""

import pytest
import torch

from kernels.arguments import close, double, draw, same
from kernels.cuda.emulator import BARRIER, source
from kernels.learning import differentiated
from threefactor.derivatives import stepwise, two_pass
from threefactor.kernels.backend import using
from threefactor.kernels.cuda import plan, scans
from threefactor.kernels.cuda.plan import Plan
from threefactor.kernels.torch import scans as reference

ORDERS = (1, 2, 3)  # backward, and two that are shuffled
ROUNDING = 1e-6  # float32, a dozen steps
SIZES = [(5, 1), (37, 9), (37, 36), (52, 16), (52, 81), (200, 16), (200, 36)]  # 81: in three slices
NAMES = ("scan", "tangent_scan", "adjoint_scan", "trace_scan")
CASES = [(name, units, 1) for name in ("scan", "adjoint_scan") for units in (5, 37, 52, 200)]
CASES += [(name, *size) for name in ("tangent_scan", "trace_scan") for size in SIZES]


def in_all_orders(emulator, name, arguments):
    """Return what a scan gives in each order of the threads, forward first."""
    found = []
    for emulator.order in (0, *ORDERS):
        found.append(getattr(scans, name)(*arguments))
    return found


@pytest.mark.parametrize(("name", "units", "count"), CASES)
def test_kernels_equal_the_loop_in_any_order_of_their_threads(emulator, name, units, count):
    arguments = draw(name, units, count)
    first, *others = in_all_orders(emulator, name, arguments)
    assert close(first, getattr(reference, name)(*double(arguments)), ROUNDING)
    assert all(same(first, other) for other in others)


def test_clamped_units_keep_their_value_bit_for_bit(emulator):
    *_, start, clamped, _ = arguments = draw("scan", 37)
    state, rate = scans.scan(*arguments)
    assert (state[:, :, clamped] == start[:, None, clamped]).all()
    assert (state[:, 1:, ~clamped] != start[:, None, ~clamped]).all()
    torch.testing.assert_close(rate, torch.tanh(state))


def test_another_activation_equals_the_loop(emulator):
    arguments = draw("scan", 37)
    exact = reference.scan(*double(arguments), "softplus")
    assert close(scans.scan(*arguments, "softplus"), exact, ROUNDING)
    assert not close(scans.scan(*arguments), exact, 0.1)


def test_what_is_not_a_number_stays_in_its_network(emulator):
    arguments = draw("scan", 37)
    arguments[1][0, 3, 5] = torch.nan
    state, _ = scans.scan(*arguments)
    assert state[0, :4].isfinite().all()
    assert state[0, 4, 5].isnan()
    assert state[1].isfinite().all()


@pytest.mark.parametrize("name", NAMES)
def test_a_network_does_not_hear_its_neighbours(emulator, name):
    arguments = draw(name, 37, 9, batch=3)
    alone = tuple(x[1:2] if isinstance(x, torch.Tensor) and x.dim() > 1 else x for x in arguments)
    function = getattr(scans, name)
    pairs = zip(
        *(x if isinstance(x, tuple) else (x,) for x in (function(*arguments), function(*alone))), strict=True
    )
    assert all(torch.equal(all_of_them[1:2], one) for all_of_them, one in pairs)


def test_tangents_in_two_chunks_are_the_tangents(emulator):
    weights, slope, drive, start, clamped, leak = draw("tangent_scan", 52, 16)
    whole = scans.tangent_scan(weights, slope, drive, start, clamped, leak)
    first = scans.tangent_scan(weights, slope[:, :5], drive[:, :5], start, clamped, leak)
    second = scans.tangent_scan(weights, slope[:, 5:], drive[:, 5:], first[:, -1], clamped, leak)
    assert torch.equal(torch.cat([first, second[:, 1:]], 1), whole)


# Both kernels of a file share its barriers; one group of threads in the tangents, and several.
LAYOUTS = {
    "scan": [("scan", plan.scan(52, (9, 0))), ("adjoint_scan", plan.scan(52, (9, 0)))],
    "tangent_scan": [
        ("tangent_scan", plan.tangent_scan(52, 16, (9, 0))),
        ("tangent_scan", Plan("tangent_scan", (("N", 52), ("S", 4), ("G", 1)), 52, 16 * 52 * 17)),
    ],
    "trace_scan": [],
}
BARRIERS = [(name, n) for name in LAYOUTS for n in range(source(name).count(BARRIER))]


def test_the_barriers_are_where_the_next_test_looks():
    assert BARRIERS == [("scan", 0), ("scan", 1), ("tangent_scan", 0), ("tangent_scan", 1)]
    groups = [dict(layout.defines)["G"] for _, layout in LAYOUTS["tangent_scan"]]
    assert groups == [4, 1]


def launched(emulator, name, layout, arguments):
    """Return what a kernel writes in this layout, in each order of the threads."""
    weights, *series, clamped, leak = arguments
    gain, found = leak * (~clamped).float(), []
    for emulator.order in (0, *ORDERS):
        if name == "scan":
            drive, start = series
            result = torch.zeros(2, len(drive), drive.shape[1] + 1, drive.shape[2])
            result[0, :, 0] = start
            given = weights, drive, gain, result[0], result[1], drive.shape[1]
        elif name == "adjoint_scan":
            slope, source = series
            result = torch.zeros_like(source)
            given = weights, slope, source, gain, result, source.shape[1] - 1
        else:
            slope, drive, start = series
            result = torch.zeros(len(drive), drive.shape[1] + 1, *drive.shape[2:])
            result[:, 0] = start
            given = weights, slope, drive, gain, result, drive.shape[2], drive.shape[1]
        emulator.launch(layout, name, (len(weights), layout.slices), *given)
        found.append(result)
    return found


@pytest.mark.parametrize(("file", "without"), BARRIERS)
def test_a_missing_barrier_is_found(built, file, without):
    for name, layout in LAYOUTS[file]:
        arguments = draw(name, 52, 16)
        exact = getattr(reference, name)(*double(arguments))
        exact = torch.stack(exact) if name == "scan" else exact
        built.without = None
        first, *others = launched(built, name, layout, arguments)
        assert close(first, exact, ROUNDING)
        assert all(same(first, other) for other in others)
        built.without = without
        first, *others = launched(built, name, layout, arguments)
        built.without, built.order = None, 0
        assert not all(same(first, other) for other in others), name


def test_learning_and_its_tangents_run_on_the_kernels(emulator):
    """Ten trials in float32 on the emulated kernels, against the step-by-step equations in float64."""
    with using("torch"):
        exact = differentiated(stepwise.jvp, "cpu", torch.float64)
    with using("cuda"):
        found = differentiated(two_pass.jvp, "cpu", torch.float32)
    assert set(emulator.launched) == set(NAMES)
    for x, y in zip(found, exact, strict=True):
        # rounding of float32 through ten trials
        torch.testing.assert_close(x.double(), y, rtol=1e-3, atol=1e-4 * y.abs().max().item())
