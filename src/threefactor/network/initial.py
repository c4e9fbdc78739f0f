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
        ``unit``: each output is the rate of one of the `output_units`, which gets no input (Miconi 2017);
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
        If the readout is neither ``unit`` nor ``random``, or too few units are free.
    """
    if readout not in ("unit", "random"):
        raise ValueError(f"readout = {readout!r}: allowed are 'unit' and 'random'")
    read = output_units(units, outputs, clamped) if readout == "unit" else None
    parts = [_draw_one(units, inputs, outputs, gain, input_scale, read, g) for g in generators]
    weights, input_weights, output_weights = (torch.stack(p).to(dtype) for p in zip(*parts, strict=True))
    index = torch.tensor(list(clamped), dtype=torch.long)
    mask = torch.zeros(units, dtype=torch.bool).index_fill_(0, index, True)
    values = torch.zeros(units, dtype=dtype).index_put_(
        (index,), torch.tensor(list(clamped.values()), dtype=dtype)
    )
    return Network(weights, input_weights, output_weights, mask, values, leak)


def output_units(units: int, outputs: int, clamped: Mapping[int, float]) -> list[int]:
    """Return the units that are outputs where the readout is ``unit``: the first ones that are not clamped.

    Raises
    ------
    ValueError
        If too few units are free.
    """
    free = [unit for unit in range(units) if unit not in clamped]
    if outputs > len(free):
        raise ValueError(f"{outputs} outputs: allowed are up to {len(free)}, the units that are not clamped")
    return free[:outputs]


def _draw_one(
    units: int,
    inputs: int,
    outputs: int,
    gain: float,
    scale: float,
    read: list[int] | None,
    generator: Generator,
) -> tuple[Tensor, Tensor, Tensor]:
    """Draw W (ij), W_in (ic) and W_out (oi) of one network, whose outputs are units or, without any, random."""
    real = {"generator": generator, "dtype": torch.float64}
    weights = gain * torch.randn(units, units, **real) / units**0.5  # type: ignore[call-overload]
    input_weights = scale * (2 * torch.rand(units, inputs, **real) - 1)  # type: ignore[call-overload]
    if read is None:
        return weights, input_weights, torch.randn(outputs, units, **real) / units**0.5  # type: ignore[call-overload]
    input_weights[read] = 0
    return weights, input_weights, torch.eye(units, dtype=torch.float64)[read]
