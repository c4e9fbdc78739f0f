"""The nonlinearity phi of a unit: its rate by its state, and slope and curvature of that by its rate.

tanh      r = tanh(x)             phi'(x) = 1 - r²                                phi''(x) = -2 r (1 - r²)
relu      r = max(x, 0)           phi'(x) = 1 where r > 0, else 0: at x = 0 too   phi''(x) = 0
softplus  r = log(1 + exp(x))     phi'(x) = 1 - exp(-r)                           phi''(x) = exp(-r) (1 - exp(-r))
"""

import torch
from torch import Tensor
from torch.nn.functional import softplus

ACTIVATIONS = ("tanh", "relu", "softplus")

TANH = ACTIVATIONS[0]

EXACT = 40.0
"""State beyond which softplus is the identity to rounding, in double precision too."""


def rate(state: Tensor, activation: str) -> Tensor:
    """Return phi of states, elementwise; real, or complex (continued analytically, for the complex step).

    Raises
    ------
    ValueError
        If the activation is not one of `ACTIVATIONS`.
    """
    if activation == "tanh":
        return torch.tanh(state)
    if activation == "relu":
        return state.masked_fill(state.real <= 0, 0)
    if activation == "softplus":
        if not state.is_complex():
            return softplus(state, threshold=EXACT)
        small = torch.where(state.real > 0, -state, state)
        return torch.where(state.real > 0, state, 0) + torch.log1p(torch.exp(small))
    raise ValueError(f"activation = {activation!r}: must be one of {', '.join(ACTIVATIONS)}")


def slope(rate: Tensor, activation: str) -> Tensor:
    """Return phi' of the states that have these rates; elementwise.

    Raises
    ------
    ValueError
        If the activation is not one of `ACTIVATIONS`.
    """
    if activation == "tanh":
        return 1 - rate * rate
    if activation == "relu":
        return (rate > 0).to(rate.dtype)
    if activation == "softplus":
        return -torch.expm1(-rate)
    raise ValueError(f"activation = {activation!r}: must be one of {', '.join(ACTIVATIONS)}")


def curvature(rate: Tensor, activation: str) -> Tensor:
    """Return phi'' of the states that have these rates; elementwise.

    Raises
    ------
    ValueError
        If the activation is not one of `ACTIVATIONS`.
    """
    if activation == "tanh":
        return -2 * rate * (1 - rate * rate)
    if activation == "relu":
        return torch.zeros_like(rate)
    if activation == "softplus":
        return -torch.exp(-rate) * torch.expm1(-rate)
    raise ValueError(f"activation = {activation!r}: must be one of {', '.join(ACTIVATIONS)}")


def is_signed(activation: str) -> bool:
    """Tell whether rates can be negative."""
    return activation == TANH
