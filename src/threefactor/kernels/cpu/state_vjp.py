"""What comes back to the states of a trial, compiled for the CPU by numba: one pass from its end to its start."""

# mypy: disable-error-code="no-untyped-def, call-arg"

import torch
from torch import Tensor

from threefactor.kernels.activation import TANH
from threefactor.kernels.cpu.activation import code, slopes
from threefactor.kernels.cpu.borrow import borrow
from threefactor.kernels.cpu.jit import fast
from threefactor.kernels.cpu.scans import arrays


def onto_states(
    rate: Tensor,
    onto_rate: Tensor,
    readout: Tensor,
    onto_deviation: Tensor,
    later: Tensor,
    decay: float,
    activation: str = TANH,
) -> tuple[Tensor, Tensor, Tensor]:
    """Return slope, source and s[0]; see `threefactor.kernels.state_vjp.onto_states`."""
    slope, source = (torch.empty_like(rate, memory_format=torch.contiguous_format) for _ in range(2))
    trace = later.clone(memory_format=torch.contiguous_format)
    given = arrays(rate, onto_rate, readout, onto_deviation)
    _onto_states(*given, given[0].dtype.type(decay), *arrays(slope, source, trace), code(activation))
    return slope, source, trace


@fast
def _onto_states(rate, onto_rate, readout, onto_deviation, decay, slope, source, trace, phi):
    rate, onto_rate, readout, onto_deviation = borrow((rate, onto_rate, readout, onto_deviation))
    slope, source, trace = borrow((slope, source, trace))
    batch, steps, _ = onto_rate.shape
    for b in range(batch):
        slopes(rate[b, steps], slope[b, steps], phi)
        source[b, steps] = 0
        for t in range(steps - 1, -1, -1):
            slopes(rate[b, t], slope[b, t], phi)
            _step(readout[b, t], onto_deviation[b, t], slope[b, t + 1], decay, trace[b], source[b, t + 1])
            _times(onto_rate[b, t], slope[b, t], source[b, t])


@fast
def _times(onto_rate, slope, source):
    for i in range(len(slope)):
        source[i] = onto_rate[i] * slope[i]


@fast
def _step(readout, onto_deviation, slope, decay, trace, source):
    """Add to the source of a state what comes from the step before it, and move the trace's adjoint on to there."""
    fresh = slope.dtype.type(1) - decay
    for i in range(len(slope)):
        source[i] += readout[i] * slope[i] + fresh * trace[i] - onto_deviation[i]
        trace[i] = onto_deviation[i] + decay * trace[i]
