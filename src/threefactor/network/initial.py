"""Initial weights of a batch of networks."""

from collections.abc import Mapping

import torch
from torch import Generator, Tensor

from threefactor.contract import Network


def draw(
    *,
    units: int,
    inputs: int,
    outputs: int,
    gain: float,
    input_scale: float,
    clamped: Mapping[int, float],
    readout: str,
    leak: float,
    generators: list[Generator],
    dtype: torch.dtype = torch.float32,
) -> Network:
    """Draw one network per generator: W ~ N(0, g²/N), W_in ~ U(-s, s).

    Parameters
    ----------
    units, inputs, outputs
        N, number of input and of output channels.
    gain
        g; the spectral radius of W is about g.
    input_scale
        s, the largest input weight.
    clamped
        State of each clamped (bias) unit by its index.
    readout
        ``unit``: output o is the rate of unit o, which then gets no input (Miconi 2017);
        ``random``: fixed W_out ~ N(0, 1/N).
    leak
        dt / tau.
    generators
        One per network, so that a network does not depend on the batch that it is drawn in.
    dtype
        Of the tensors; the draws themselves are made in float64.

    Raises
    ------
    ValueError
        If the readout is neither ``unit`` nor ``random``.
    """
    if readout not in ("unit", "random"):
        raise ValueError(f"readout = {readout!r}: allowed are 'unit' and 'random'")
    parts = [_draw_one(units, inputs, outputs, gain, input_scale, readout, g) for g in generators]
    weights, input_weights, output_weights = (torch.stack(p).to(dtype) for p in zip(*parts, strict=True))
    index = torch.tensor(list(clamped), dtype=torch.long)
    mask = torch.zeros(units, dtype=torch.bool).index_fill_(0, index, True)
    values = torch.zeros(units, dtype=dtype).index_put_(
        (index,), torch.tensor(list(clamped.values()), dtype=dtype)
    )
    return Network(weights, input_weights, output_weights, mask, values, leak)


def _draw_one(
    units: int, inputs: int, outputs: int, gain: float, scale: float, readout: str, generator: Generator
) -> tuple[Tensor, Tensor, Tensor]:
    """Draw W (ij), W_in (ic) and W_out (oi) of one network."""
    real = {"generator": generator, "dtype": torch.float64}
    weights = gain * torch.randn(units, units, **real) / units**0.5  # type: ignore[call-overload]
    input_weights = scale * (2 * torch.rand(units, inputs, **real) - 1)  # type: ignore[call-overload]
    if readout == "random":
        return weights, input_weights, torch.randn(outputs, units, **real) / units**0.5  # type: ignore[call-overload]
    input_weights[:outputs] = 0
    return weights, input_weights, torch.eye(outputs, units, dtype=torch.float64)
