"""Stability and shape of the flow near a fixed point, from the Jacobian J on the free units."""

from typing import NamedTuple

import torch
from torch import Tensor


class Modes(NamedTuple):
    """Eigenvalues (s, i) and right eigenvectors (s, i, m) of s Jacobians."""

    values: Tensor
    vectors: Tensor


class Stability(NamedTuple):
    """Linear flow around each of s fixed points.

    Attributes
    ----------
    largest_real : Tensor
        Largest real part of the eigenvalues of J, (s), per time constant; below 0 is stable.
    unstable : Tensor
        Number of eigenvalues with positive real part, (s).
    henrici : Tensor
        Departure from normality ‖J‖_F² − Σ|λ|², (s); 0 for a normal matrix.
    readout_overlap : Tensor
        Absolute cosine of the readout with the leading right eigenvector, (s).
    """

    largest_real: Tensor
    unstable: Tensor
    henrici: Tensor
    readout_overlap: Tensor


def henrici(matrix: Tensor, eigenvalues: Tensor) -> Tensor:
    """Give the squared departure from normality ‖J‖_F² − Σ|λ|² (Henrici 1962) of (s, i, i), as (s)."""
    return (matrix.square().sum((-2, -1)) - eigenvalues.abs().square().sum(-1)).clamp_min(0)


def modes_of(matrix: Tensor) -> Modes:
    """Give the modes of Jacobians (s, i, i)."""
    return Modes(*torch.linalg.eig(matrix))


def stability(matrix: Tensor, modes: Modes, readout: Tensor) -> Stability:
    """Characterise fixed points by the eigenvalues of their Jacobians.

    Parameters
    ----------
    matrix : Tensor
        Jacobians, (s, i, i).
    modes : Modes
        Of these.
    readout : Tensor
        Readout weights onto the first output, (i) or (s, i).
    """
    values, vectors = modes
    leading = values.real.argmax(-1)
    vector = vectors[torch.arange(len(leading), device=leading.device), :, leading]
    overlap = (vector * readout).sum(-1).abs() / (vector.norm(dim=-1) * readout.norm(dim=-1))
    return Stability(values.real.amax(-1), (values.real > 0).sum(-1), henrici(matrix, values), overlap)
