"""How the readout follows a small constant input near a fixed point.

Near a fixed point τ δx' = J δx + B δu and δy = C δx, with B = W_in and C = W_out diag φ'. After a while

    δy = −C J⁻¹ B δu = −Σ_m (C v_m) (w_m B) / λ_m δu

with the eigenvalues λ of J, its right eigenvectors v and the rows w of V⁻¹. The share of some modes is the inner product
of their sum with the whole, by the square of the whole: shares add up to 1, and some are negative or above 1 where modes
cancel, as those of a matrix that is far from normal do.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from threefactor.analysis.landscape.stability import Modes

SLOW = 0.2
"""Largest |Re λ| of a slow mode, per time constant: it relaxes at less than a fifth of the rate of a unit by itself."""


class Response(NamedTuple):
    """Response of o outputs to c inputs at s fixed points."""

    gain: Tensor  # s o c, change of the outputs by that of a constant input
    slow_share: (
        Tensor  # s o, share of it that goes through slow modes, over all inputs; NaN where there is none
    )


def linear_response(modes: Modes, onto: Tensor, readout: Tensor, slow: float = SLOW) -> Response:
    """Give the response to constant input, and what share of it goes through slow modes.

    Parameters
    ----------
    modes : Modes
        Of the Jacobians at s fixed points of f free units.
    onto : Tensor
        B, input weights of the free units, (f, c).
    readout : Tensor
        C, derivative of the outputs with respect to the state, (s, o, f).
    slow : float
        Largest |Re λ| of a slow mode, per time constant.
    """
    vectors = modes.vectors
    into = torch.linalg.solve(vectors, onto.to(vectors).expand(len(vectors), -1, -1))
    out = readout.to(vectors) @ vectors / -modes.values[:, None]
    whole = (out @ into).real
    through = ((out * (modes.values.real.abs() < slow)[:, None]) @ into).real
    return Response(whole, (whole * through).sum(-1) / whole.square().sum(-1))
