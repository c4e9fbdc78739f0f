"""The largest Lyapunov exponent of a network that is left to itself."""

import torch
from torch import Generator, Tensor

from threefactor.contract import Network
from threefactor.kernels import scans
from threefactor.network.simulate import simulate, slope

STRETCH = 100  # steps between two renormalisations


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
