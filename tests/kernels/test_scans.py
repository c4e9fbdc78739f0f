"""The scans compiled for the CPU against those in PyTorch."""

import pytest
import torch

from threefactor.kernels import scans
from threefactor.kernels.activation import ACTIVATIONS
from threefactor.kernels.torch import scans as reference

compiled = pytest.importorskip("threefactor.kernels.cpu.scans")


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("units", [1, 5, 37, 333])  # the last in more than one pass of the widest registers
def test_compiled_scans_equal_the_reference(dtype, units):
    g = torch.Generator().manual_seed(units)
    weights, drive = (
        torch.randn(3, units, units, generator=g) / units**0.5,
        9 * torch.randn(3, 11, units, generator=g),
    )
    start, clamped = torch.randn(3, units, generator=g), torch.arange(units) == 2
    weights, drive, start = (x.to(dtype) for x in (weights, drive, start))
    tolerance = {"rtol": 1e-4, "atol": 3e-5} if dtype == torch.float32 else {"rtol": 1e-11, "atol": 1e-11}
    source = torch.cat([start[:, None], drive], 1)
    for name, arguments in {
        "scan": (weights, drive, start, clamped, 0.3),
        "adjoint_scan": (weights, torch.tanh(source), source, clamped, 0.3),
        "trace_scan": (drive, start, 0.2),
        "deviation_scan": (source, start, 0.2),
    }.items():
        for phi in [(activation,) for activation in ACTIVATIONS] if name == "scan" else [()]:
            fast, slow = getattr(compiled, name)(*arguments, *phi), getattr(reference, name)(*arguments, *phi)
            torch.testing.assert_close(fast, slow, **tolerance)


def test_compiled_scan_saturates_and_hands_on_what_is_not_a_number():
    zeros, clamped = torch.zeros(1, 2, 2), torch.zeros(2, dtype=torch.bool)
    weights = torch.eye(2)[None]
    state, _ = compiled.scan(weights, zeros, torch.tensor([[50.0, -50.0]]), clamped, 0.5)
    torch.testing.assert_close(state[0, 1], torch.tensor([25.5, -25.5]))
    state, rate = compiled.scan(weights, zeros, torch.tensor([[float("nan"), 0.0]]), clamped, 0.5)
    assert state[0, -1, 0].isnan()
    assert rate[0, -1, 0].isnan()


def test_scans_stay_differentiable():
    weights = torch.randn(1, 3, 3, dtype=torch.float64, requires_grad=True)
    drive, start = torch.randn(1, 4, 3, dtype=torch.float64), torch.randn(1, 3, dtype=torch.float64)
    clamped = torch.tensor([False, True, False])
    assert torch.autograd.gradcheck(lambda w: scans.scan(w, drive, start, clamped, 0.4), weights)
