"""How sharp the noise-free error is around trained networks: the spectrum of its Hessian.

The Hessian is that of the mean squared error (`threefactor.derivatives.noise_free`) with respect to the weights that
exist onto free units, n of them. It has a few large eigenvalues, which a run of Lanczos finds, and a broad rest of both
signs, which stochastic Lanczos quadrature on what is orthogonal to them estimates (Hutchinson 1989; Ubaru, Chen & Saad
2017). Without the first step the estimates of the rest drown in the noise of the largest.

Cost, of one network of 128 units, four trial types and 100 steps in double precision: 1.3 s of CPU
(``python -m benchmarks measures``). The largest eigenvalue is exact to rounding; between draws the
participation differs by 2 to 15 % and the flat share by 0.01 at most, around what 1,200 steps of Lanczos find (38 and
0.951, 101 and 0.963 in two networks).
"""

from typing import NamedTuple

import torch
from torch import Generator, Tensor

from threefactor.analysis.landscape.lanczos import Product, lanczos, rounding, without
from threefactor.contract import Network
from threefactor.derivatives.hessian import linearise, product
from threefactor.network.synapses import existing
from threefactor.training.environment import Task


class Effort(NamedTuple):
    """How exactly a spectrum is estimated."""

    steps: int = 60  # products in search of the largest eigenvalues
    probes: int = 2  # random vectors for all others
    probe_steps: int = 100  # products for each of these
    converged: float = 0.01  # error of an eigenvalue up to which it is known, as a share of its size


class Spectrum(NamedTuple):
    """The eigenvalues of b Hessians: some known, and a quadrature of all others."""

    value: Tensor  # b m
    number: Tensor  # b m, how many eigenvalues each stands for; sums to n
    largest: Tensor  # b, the largest eigenvalue
    error: Tensor  # b, of that at most


class Sharpness(NamedTuple):
    """Measures of the Hessian's spectrum; b each."""

    largest: Tensor  # largest eigenvalue, squared error per squared weight
    relative: Tensor  # largest eigenvalue times the mean squared weight
    trace: Tensor  # Σλ
    participation: Tensor  # (Σ|λ|)² / Σλ², between 1 and n
    flat: Tensor  # share of directions with |λ| below a share of the largest |λ|
    negative: Tensor  # share of Σ|λ| that negative eigenvalues have


def free_weights(network: Network) -> Tensor:
    """Return which weights count: those of synapses that exist, onto free units; b i j, bool."""
    onto_free = (~network.clamped[:, None]).expand_as(network.weights)
    return existing(network, onto_free)


def hessian_spectrum(
    network: Network, task: Task, *, generator: Generator, effort: Effort | None = None
) -> Spectrum:
    """Estimate the spectrum of the Hessian of b networks.

    Parameters
    ----------
    network
        b networks.
    task
        Whose noise-free trials the error is of.
    generator
        Of the vectors that products start from.
    effort
        How exactly; None for the default.
    """
    point, free = linearise(network, task), free_weights(network).flatten(1)

    def times(vectors: Tensor) -> Tensor:
        return product(point, vectors.view_as(network.weights)).flatten(1)

    return spectrum(times, free, generator=generator, effort=effort or Effort(), dtype=network.weights.dtype)


def spectrum(
    times: Product, free: Tensor, *, generator: Generator, effort: Effort, dtype: torch.dtype
) -> Spectrum:
    """Estimate spectra of symmetric matrices that act on the components `free` (b n, bool); see `hessian_spectrum`.

    Raises
    ------
    ValueError
        If so many steps leave nothing unknown of one matrix, and something of another.
    """

    def draw() -> Tensor:
        drawn = torch.randn(free.shape, generator=generator, dtype=torch.float64)
        return drawn.to(free.device, dtype) * free

    dimension = free.sum(1)
    found = lanczos(times, draw, min(effort.steps, int(dimension.min())))
    size = found.values.abs()
    exact = rounding(size)[:, None]
    known = found.rest <= torch.maximum(effort.converged * size, exact)
    vectors, others = found.vectors * known[:, :, None], dimension - known.sum(1)
    values, numbers = [found.values], [known.to(dtype)]
    steps = min(effort.probe_steps, int(others.min()))
    if not steps and others.any():
        raise ValueError(
            f"steps = {effort.steps}: must be below {int(dimension.min())}, or one network at a time"
        )
    for _ in range(effort.probes if steps else 0):
        probe = lanczos(lambda v: without(times(v), vectors), lambda: without(draw(), vectors), steps)
        values.append(probe.values)
        numbers.append(probe.share * others[:, None] / effort.probes)
    return Spectrum(torch.cat(values, 1), torch.cat(numbers, 1), found.values[:, -1], found.rest[:, -1])


def sharpness(found: Spectrum, network: Network, flatness: float) -> Sharpness:
    """Measure sharpness by a spectrum.

    Participation is that of the sizes of eigenvalues: where the error is not zero the spectrum has a broad negative
    part, by which (Σλ)² nearly vanishes.

    The largest eigenvalue has the unit of the error over that of a squared weight: it falls by c² where all weights are
    c times as large and do the same. Times the mean squared weight it has no such unit: half of it is how much the error
    rises when the weights move, in the sharpest direction, by the root mean square that one of them has.

    Parameters
    ----------
    found
        Of the Hessian of the networks.
    network
        b networks.
    flatness
        Share of the largest |λ| below which a direction is flat.
    """
    free, size, known = free_weights(network), found.value.abs(), found.number > 0
    total = (found.number * size).sum(1)
    below = size < flatness * (size * known).amax(1, keepdim=True)
    square = (network.weights * free).square().sum((1, 2)) / free.sum((1, 2))
    return Sharpness(
        found.largest,
        found.largest * square,
        (found.number * found.value).sum(1),
        total**2 / (found.number * size**2).sum(1),
        (found.number * below).sum(1) / found.number.sum(1),
        (found.number * size * (found.value < 0)).sum(1) / total,
    )
