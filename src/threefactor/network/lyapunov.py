"""Lyapunov exponents of a network: the largest one of a network left to itself, and the first few along a trajectory.

The first six exponents of a network of 128 units along 2,000 steps take 0.04 s of one core, in double precision; 0.03 s a
network of eight.
"""

from typing import NamedTuple

import torch
from torch import Generator, Tensor

from threefactor.contract import Network
from threefactor.kernels import activation, scans
from threefactor.network.simulate import rate, simulate, slope

STRETCH = 100  # steps between two renormalisations of one vector

TURN = 10  # steps between two of several vectors, which meanwhile turn towards each other

BLOCKS = 20  # parts of a trajectory, the spread of which gives the error


class Spectrum(NamedTuple):
    """The first k Lyapunov exponents of b trajectories."""

    exponents: Tensor  # b k, per time step, in the order of the vectors: decreasing, but for errors
    error: Tensor  # b k, standard error of each, from the means of 20 consecutive parts
    wander: Tensor  # b k, range of the departures of the sum of growth from a line, by the number of steps


def largest_exponent(
    network: Network, start: Tensor, *, burn_in: int, steps: int, generator: Generator
) -> Tensor:
    """Return the largest Lyapunov exponent of the autonomous dynamics, per time step; b.

    The mean of ``log |J^T v| / |v|`` along a trajectory without input and perturbations, J being the derivative of the
    next state with respect to this one (free units). A vector is taken back from the end of the trajectory: products of
    Jacobians and their transposes have the same singular values, and ``threefactor.kernels.scans.adjoint_scan`` is
    compiled. It is renormalised every 100 steps, and the last of the stretches, in which it turns into its direction,
    does not count.

    Parameters
    ----------
    network
        b networks; clamped units act as constant input.
    start
        b i, the state that the trajectory begins at.
    burn_in
        Steps before the exponent is measured.
    steps
        Steps that it is measured over, rounded up to whole stretches of 100.
    generator
        Of the vector, the same for all networks.
    """
    batch, units = start.shape
    stretches = -(-steps // STRETCH) + 1
    total = burn_in + stretches * STRETCH
    nothing = start.new_zeros(batch, total, network.input_weights.shape[2])
    trajectory = simulate(network, nothing, start, start.new_zeros(batch, total, units))
    gain = slope(network, trajectory)[:, burn_in:]
    vector = torch.randn(units, generator=generator, dtype=torch.float64).to(start).expand(batch, -1)
    growth = torch.zeros_like(start[:, 0])
    for last in range(stretches, 0, -1):
        part = gain[:, (last - 1) * STRETCH : last * STRETCH + 1]
        size, vector = _vjp(network, part, vector)
        if last < stretches:
            growth += size.log()
    return growth / ((stretches - 1) * STRETCH)


def _vjp(network: Network, gain: Tensor, vector: Tensor) -> tuple[Tensor, Tensor]:
    """Take a unit vector on free units back through a stretch; return its new norm (b), and the vector (b i)."""
    free = torch.where(network.clamped, 0, vector)
    source = torch.zeros_like(gain)
    source[:, -1] = free / free.norm(dim=1, keepdim=True)
    adjoint = scans.adjoint_scan(network.weights, gain, source, network.clamped, network.leak)[:, 0]
    size = torch.where(network.clamped, 0, adjoint).norm(dim=1)
    return size, adjoint


def spectrum(network: Network, state: Tensor, directions: Tensor, *, skip: int) -> Spectrum:
    """Return the first k Lyapunov exponents along trajectories, from the derivative of each state by the one before.

    k orthonormal tangent vectors are taken along, ``Q R = J Q``, and orthonormalised every 10 steps; the exponents are
    the means of ``log |R_kk|`` (Benettin et al. 1980). J depends on the states alone: any input may have driven them.
    The error is that of the mean of 20 parts. It holds where a part is longer than the memory of the trajectory, and is
    too large where a part is no whole number of periods of a cycle. An exponent of zero whose vector grows and shrinks
    again for ever, as along a cycle or torus, is not larger than its wander.

    Parameters
    ----------
    network
        b networks, or copies of one for several trajectories.
    state
        b t+1 i, without perturbations; clamped units at their value.
    directions
        k i, the vectors at the start, one for each exponent: normal numbers, for example.
    skip
        First steps, in which the vectors turn into the directions that grow most, rounded down to whole stretches of 10.

    Raises
    ------
    ValueError
        If there are more exponents than free units, or fewer than 200 steps beyond the skipped ones.
    """
    steps, skipped = state.shape[1] - 1, skip // TURN
    if not 1 <= len(directions) <= (free := int((~network.clamped).sum())):
        raise ValueError(f"exponents = {len(directions)}: must be 1 to {free}, the number of free units")
    if steps // TURN - skipped < BLOCKS:
        raise ValueError(f"skip = {skip}: must leave {BLOCKS * TURN} of {steps} steps")
    growth = _growth(network, state, directions)[:, skipped:]
    blocks = growth.unfold(1, growth.shape[1] // BLOCKS, growth.shape[1] // BLOCKS).mean(3)[:, :BLOCKS] / TURN
    departure = (growth - growth.mean(1, keepdim=True)).cumsum(1)
    wander = (departure.amax(1) - departure.amin(1)) / (growth.shape[1] * TURN)
    return Spectrum(growth.mean(1) / TURN, blocks.std(1) / BLOCKS**0.5, wander)


def _growth(network: Network, state: Tensor, directions: Tensor) -> Tensor:
    """Return by how much each of the k vectors grows in each stretch of 10 steps, as logarithms; b n k."""
    batch, rows = state.shape[:2]
    gain = activation.slope(rate(network, state[:, :-1]), network.activation)
    vectors = _orthonormal(directions.to(state).expand(batch, -1, -1), network.clamped)[0]
    nothing = state.new_zeros(batch, TURN, *directions.shape)
    growth = []
    for part in gain.split(TURN, dim=1)[: (rows - 1) // TURN]:
        moved = scans.tangent_scan(network.weights, part, nothing, vectors, network.clamped, network.leak)
        vectors, size = _orthonormal(moved[:, -1], network.clamped)
        growth.append(size)
    return torch.stack(growth, 1)


def _orthonormal(vectors: Tensor, clamped: Tensor) -> tuple[Tensor, Tensor]:
    """Make vectors (b k i) on free units orthonormal, first ones first; return them and their sizes' logarithms (b k).

    What rounding puts on clamped units is taken off: it would not shrink, and so pass for an exponent of zero.
    """
    q, r = torch.linalg.qr(torch.where(clamped, 0, vectors).mT)
    return torch.where(clamped, 0, q.mT), r.diagonal(dim1=-2, dim2=-1).abs().log()


def kaplan_yorke(exponents: Tensor) -> Tensor:
    """Return the Kaplan-Yorke dimension of spectra (b k), as (b).

    ``j + (l_1 + ... + l_j) / |l_j+1|`` with the largest j whose sum is not negative (Kaplan & Yorke 1979); NaN where all
    k exponents have a sum that is not, so that more are needed.
    """
    ordered = exponents.sort(dim=1, descending=True).values
    total = ordered.cumsum(1)
    whole = (total >= 0).to(torch.int64).cumprod(1).sum(1)
    inside = whole < exponents.shape[1]
    after = whole.clamp_max(exponents.shape[1] - 1)[:, None]
    before = torch.where(whole > 0, total.gather(1, (whole - 1).clamp_min(0)[:, None])[:, 0], 0)
    return torch.where(inside, whole + before / ordered.gather(1, after)[:, 0].abs(), torch.nan)
