"""Dynamical similarity analysis: compare networks by the linear dynamics that predict them.

Ostrow et al. (2023, NeurIPS) compare A up to a change of coordinates. Huang, Ostrow et al. (2025, InputDSA) fit it
together with the inputs, since A alone takes the drive of the inputs for dynamics. Both comparisons here are closed
forms, without a descent over rotations.

All pairs of 192 networks of 128 units, 200 samples, four components: 0.6 s of CPU with inputs, 0.2 s on the delay
(``python -m benchmarks distances``).
"""

import torch
from scipy.optimize import linear_sum_assignment
from torch import Tensor

from threefactor.analysis.solutions.linear_dynamics import LinearDynamics
from threefactor.analysis.solutions.pairs import over_pairs
from threefactor.analysis.solutions.procrustes import procrustes_distance


def spectral_distance(dynamics: LinearDynamics) -> Tensor:
    """Give the Wasserstein distance between the eigenvalues of A, for all pairs of networks.

    d² = min_π (1/k) Σ_i |λ_i − μ_π(i)|²: zero for dynamics that a linear change of coordinates makes the same (Redman et
    al. 2024).

    Returns
    -------
    Tensor
        Distances, (n, n), no unit: of eigenvalues from one moment to the next. A metric between spectra.
    """
    spectrum = torch.linalg.eigvals(dynamics.state)

    def wasserstein(first: Tensor, second: Tensor) -> Tensor:
        cost = (spectrum[first][:, :, None] - spectrum[second][:, None]).abs().square()
        found = [float(one[linear_sum_assignment(one)].mean()) for one in cost.cpu().numpy()]
        return torch.tensor(found).to(cost).sqrt()

    return over_pairs(wasserstein, dynamics.state)


def controllability(dynamics: LinearDynamics) -> Tensor:
    """Give what inputs do over time: K = [B, AB, AᵀB, …, Aᵏ⁻¹B, (Aᵀ)ᵏ⁻¹B], (n, k, (2k − 1) c), as in InputDSA."""
    forward = backward = dynamics.inputs
    blocks = [dynamics.inputs]
    for _ in range(dynamics.state.shape[1] - 1):
        forward, backward = dynamics.state @ forward, dynamics.state.mT @ backward
        blocks += [forward, backward]
    return torch.cat(blocks, -1)


def controllability_distance(dynamics: LinearDynamics) -> Tensor:
    """Give the angle left between K of two networks after the best rotation of their components.

    The Procrustes distance between the shapes Kᵀ, whose samples are what each input does at each lag (Huang, Ostrow et
    al. 2025). It sees A and B, and how the two lie to each other.

    Returns
    -------
    Tensor
        Distances, (n, n), radians, 0 to π/2: a metric between K up to rotation and scale.
    """
    shapes = controllability(dynamics).mT
    return procrustes_distance(shapes / torch.linalg.matrix_norm(shapes, keepdim=True))
