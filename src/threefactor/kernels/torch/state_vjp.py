"""What comes back to the states of a trial, in plain PyTorch: any device and precision."""

import torch
from torch import Tensor

from threefactor.kernels.activation import TANH
from threefactor.kernels.activation import slope as slope_at
from threefactor.kernels.scans import trace_scan


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
    slope = slope_at(rate, activation)
    source = torch.nn.functional.pad(onto_rate, (0, 0, 0, 1))
    source[:, 1:] += readout
    source *= slope
    carried = trace_scan(onto_deviation.flip(1), (1 - decay) * later, decay).flip(1)
    source[:, 1:] += carried[:, 1:] - onto_deviation
    age = torch.arange(onto_deviation.shape[1] + 1, device=later.device, dtype=later.dtype)
    weight = decay**age
    return slope, source, weight[:-1] @ onto_deviation + weight[-1] * later
