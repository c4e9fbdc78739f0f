"""The tangents of a trial compiled for the CPU by numba: one network after the other, some steps at a time.

Beside `kernels.torch.eligibility_sums` it keeps no state tangent but the latest, and sums the two indirect terms of the
eligibility tangent in another order. With ``A[t, i, j] = d e / d deviation`` and ``B[t, i, j] = d e / d rate`` of one
synapse and step,

    z[p, i, j] = sum_t deviation^l rate^k + deviation_tangent[t, p, i] A[t, i, j] + rate_tangent[t, p, j] B[t, i, j]

where A and B are made in registers, once for as many p as a tile holds: 3 multiply-adds a coefficient, whatever the
degree, and few for A and B, where matrix products over time need one more a coefficient for every power.
"""

# mypy: disable-error-code="no-untyped-def, call-arg"

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from threefactor.kernels.cpu import memory
from threefactor.kernels.cpu.lanes import ROWS, known, lanes
from threefactor.kernels.cpu.scans import arrays, unit_gain
from threefactor.kernels.cpu.tangent_steps import through_steps
from threefactor.kernels.linearised import LinearisedTrial, Terms
from threefactor.kernels.torch.eligibility_sums import active

NEAR = 24_000  # bytes of the nearest cache for what every postsynaptic unit reads
CHUNK = 160_000  # numbers of the drive that are made at a time


class Scratch(NamedTuple):
    """Where one network's tangents are worked out; v vectors of w units, P coefficients padded to whole tiles."""

    panels: np.ndarray  # v j w, transposed weights
    tangent_panels: np.ndarray  # p v j w, transposed weight tangents
    rates: np.ndarray  # t j, padded
    drive: np.ndarray  # t P vw, of one chunk
    state: np.ndarray  # P vw, chi
    trace: np.ndarray  # P vw, psi
    rate: np.ndarray  # P vw, q
    post: np.ndarray  # m vw, of one step: deviation tangents of P, then coefficients of A and of B
    post_slice: np.ndarray  # vw s m, the same for the steps of a slice
    pre_slice: np.ndarray  # v s m w: q of P, then the powers of the rate in A and in B
    powers: np.ndarray  # s l vw, w deviation^l
    post_ladder: np.ndarray  # l vw, w deviation^l of one step
    pre_ladder: np.ndarray  # k vw, rate^k of one step
    z: np.ndarray  # v vw P w


class Grid(NamedTuple):
    """The polynomial: powers that take part, their coefficients, and which of them carry tangents."""

    rate_powers: np.ndarray  # k
    deviation_powers: np.ndarray  # l
    theta: np.ndarray  # k l
    terms: np.ndarray  # p 2, places in the two lists


class Steps(NamedTuple):
    """What `tangent_steps.through_steps` is called with; sizes that its compiled code knows stand last."""

    grid: Grid
    weights: np.ndarray  # b i j
    tangent: np.ndarray  # U, b p i j
    rate: np.ndarray  # b t j
    slope: np.ndarray  # b t+1 i
    deviation: np.ndarray  # b t i
    step_weight: np.ndarray  # t i
    readout: np.ndarray  # b t i
    gain: np.ndarray  # i
    decay: np.floating
    psi: np.ndarray  # b p i; this and the next two are results
    rho: np.ndarray  # b p
    z: np.ndarray  # b p i j
    scratch: Scratch
    rows: tuple[int, ...]  # coefficients of a tile
    ahead: tuple[int, ...]  # powers of the rate
    back: tuple[int, ...]  # those above zero
    width: tuple[int, ...]  # numbers of a vector


def run(steps: Steps) -> tuple[Tensor, Tensor, Tensor]:
    """Return z, rho and psi; see `threefactor.kernels.eligibility_sums.through_trial`."""
    through_steps(*steps)
    return torch.from_numpy(steps.z), torch.from_numpy(steps.rho), torch.from_numpy(steps.psi)


def prepare(
    theta: Tensor,
    terms: Terms,
    linearised: LinearisedTrial,
    weights: Tensor,
    clamped: Tensor,
    leak: float,
    trace_decay: float,
    weight_tangent: Tensor,
    trace_tangent: Tensor,
) -> Steps:
    """Return a trial as the compiled code needs it, with scratch and room for its results; see `run`."""
    polynomial = _grid(theta, terms)
    batch, count, units = trace_tangent.shape
    z = memory.empty(batch, count, units, units, dtype=weights.dtype)
    rho, psi = (
        torch.zeros(batch, count, dtype=weights.dtype),
        trace_tangent.clone(memory_format=torch.contiguous_format),
    )
    ahead, back = len(polynomial.rate_powers), int((polynomial.rate_powers > 0).sum())
    blocks = -(-count // ROWS)
    rows, width = -(-count // blocks), lanes(polynomial.theta.dtype)
    scratch = _scratch(linearised.rate, rows, rows * blocks, count, polynomial, ahead + back, width)
    given = arrays(weights, weight_tangent, *linearised[:5])
    gain, *results = arrays(unit_gain(clamped, leak, weights), psi, rho, z)
    sizes = (known(n) for n in (rows, ahead, back, width))
    return Steps._make(
        [polynomial, *given, gain, given[0].dtype.type(trace_decay), *results, scratch, *sizes]
    )


def _grid(theta: Tensor, terms: Terms) -> Grid:
    """Return the polynomial as arrays; powers in falling order, so that those of zero stand last."""
    grid = active(theta, terms)
    ks, ls = (sorted({pair[n] for pair in grid}, reverse=True) for n in (0, 1))
    places = np.array([(ks.index(k), ls.index(l)) for k, l in terms])
    return Grid(np.array(ks), np.array(ls), theta[ks][:, ls].detach().numpy(), places)


def _scratch(
    rate: Tensor, rows: int, coefficients: int, count: int, polynomial: Grid, mixed: int, width: int
) -> Scratch:
    """Return scratch, zero but for the power 0 of the rate.

    The drive is made for `chunk` steps at a time; z takes them up in slices of so many that what every postsynaptic unit
    reads of a slice stays in the nearest cache.
    """
    _, steps, units = rate.shape
    vectors = -(-units // width)
    wide, entries = vectors * width, coefficients + mixed
    chunk = max(1, CHUNK // (coefficients * wide * ROWS)) * ROWS
    longest = max(4, NEAR // ((rows + mixed) * width * rate.element_size()))
    part = min(chunk, steps)
    slice_steps = -(-part // -(-part // longest))
    shapes = {
        "panels": (vectors, units, width),
        "tangent_panels": (count, vectors, units, width),
        "rates": (steps + chunk, units),
        "drive": (chunk, coefficients, wide),
        "state": (coefficients, wide),
        "trace": (coefficients, wide),
        "rate": (coefficients, wide),
        "post": (-(-entries // width) * width, wide),
        "post_slice": (wide, slice_steps, -(-entries // width) * width),
        "pre_slice": (vectors, slice_steps, entries, width),
        "powers": (slice_steps, len(polynomial.deviation_powers), wide),
        "post_ladder": (int(polynomial.deviation_powers.max()) + 1, wide),
        "pre_ladder": (int(polynomial.rate_powers.max()) + 1, wide),
        "z": (vectors, wide, coefficients, width),
    }
    scratch = Scratch(**{name: rate.new_zeros(shape).numpy() for name, shape in shapes.items()})
    scratch.pre_ladder[0] = 1
    return scratch
