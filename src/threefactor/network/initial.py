"""Initial weights of a batch of networks."""

from collections.abc import Mapping

import torch
from torch import Generator, Tensor

from threefactor.contract import Network
from threefactor.kernels.activation import TANH, is_signed


def draw(
    *,
    units: int,
    inputs: int,
    outputs: int,
    gain: float,
    input_scale: float,
    output_scale: float = 1.0,
    clamped: Mapping[int, float],
    readout: str,
    leak: float,
    activation: str = TANH,
    density: float = 1.0,
    inhibitory: float = 0.0,
    feedback: float = 0.0,
    generators: list[Generator],
    dtype: torch.dtype = torch.float32,
) -> Network:
    """Draw one network per generator: W ~ N(0, g²/N), W_in ~ U(-s, s).

    Of synapses that are left out others are larger: the same draws over the root of the density, so that the spectral
    radius of W stays about g. Under Dale's law sizes are those of the same draws; the inhibitory weights onto each unit
    are scaled to balance the excitatory ones, and all weights from free units so that the spectral radius among these is
    g, after Song et al. (2016); without the balance one eigenvalue would lie far outside of all others (Rajan & Abbott
    2006). Clamped units are no neurons but biases, and have weights of both signs; so have inputs and readout.

    Outputs can be fed back to the free units by ``W_fb ~ U(-f, f)``. A readout of rates makes them a part of the
    recurrent weights, which is added: ``W = J + W_fb W_out``, so that nothing that simulates needs to know of it.

    Parameters
    ----------
    units, inputs, outputs
        N, number of input and of output channels.
    gain
        g; the spectral radius of W is about g.
    input_scale
        s, the largest input weight.
    output_scale
        q, the standard deviation of a random readout's weights times √N.
    clamped
        State of each clamped (bias) unit by its index.
    readout
        ``unit``: the outputs are those of `unit_readout`, whose units get no input (Miconi 2017);
        ``random``: fixed W_out ~ N(0, q²/N).
    leak
        dt / tau.
    activation
        phi, one of `threefactor.kernels.activation.ACTIVATIONS`.
    density
        Probability that a synapse exists.
    inhibitory
        Share of the units that are not clamped whose weights are negative, the last ones, those of all others being
        positive (Dale's law); 0 for weights of both signs.
    feedback
        f, the largest weight from an output that is fed back; 0 for no feedback. It is drawn last.
    generators
        One per network, so that a network does not depend on the batch that it is drawn in.
    dtype
        Of the tensors; the draws themselves are made in float64.

    Raises
    ------
    ValueError
        If the readout is neither ``unit`` nor ``random``, too few units are free, or outputs are fed back that are
        units, or onto synapses that need not exist or have a sign.
    """
    if feedback and (readout == "unit" or density < 1 or inhibitory):
        raise ValueError(f"feedback = {feedback}: must be 0 with readout 'unit', density < 1 or Dale's law")
    if readout not in ("unit", "random"):
        raise ValueError(f"readout = {readout!r}: must be 'unit' or 'random'")
    read = unit_readout(units, outputs, clamped, activation) if readout == "unit" else None
    sign = unit_signs(units, clamped, inhibitory) if inhibitory else None
    parts = [_draw_one(units, inputs, outputs, gain, input_scale, read, density, sign, g) for g in generators]
    weights, input_weights, output_weights, exists = (torch.stack(p) for p in zip(*parts, strict=True))
    if read is None:
        output_weights = output_scale * output_weights
    index = torch.tensor(list(clamped), dtype=torch.long)
    mask = torch.zeros(units, dtype=torch.bool).index_fill_(0, index, True)
    values = torch.zeros(units, dtype=dtype).index_put_(
        (index,), torch.tensor(list(clamped.values()), dtype=dtype)
    )
    feedback_weights = _draw_feedback(feedback, outputs, mask, generators) if feedback else None
    if feedback_weights is not None:
        weights = weights + feedback_weights @ output_weights
    return Network(
        weights.to(dtype),
        input_weights.to(dtype),
        output_weights.to(dtype),
        mask,
        values,
        leak,
        activation,
        exists if density < 1 else None,
        sign,
        None if feedback_weights is None else feedback_weights.to(dtype),
    )


def unit_readout(units: int, outputs: int, clamped: Mapping[int, float], activation: str) -> Tensor:
    """Return W_out where single units are the outputs, the first ones that are not clamped; o i, float64.

    An output is the rate of one unit, 0 to begin with; where rates cannot be negative, that of one unit for it less that
    of one unit against it: so many units later in the list of free ones as there are outputs.

    Raises
    ------
    ValueError
        If too few units are free.
    """
    free = [unit for unit in range(units) if unit not in clamped]
    needed = outputs if is_signed(activation) else 2 * outputs
    if needed > len(free):
        raise ValueError(
            f"outputs = {outputs}: must be at most {outputs * len(free) // needed}, of so many free units"
        )
    every = torch.eye(units, dtype=torch.float64)
    read = every[free[:outputs]]
    return read if is_signed(activation) else read - every[free[outputs:needed]]


def unit_signs(units: int, clamped: Mapping[int, float], inhibitory: float) -> Tensor:
    """Return the sign of the weights from each unit by Dale's law: 1, -1 for the last, 0 for clamped ones; j, int8."""
    free = [unit for unit in range(units) if unit not in clamped]
    excitatory = len(free) - round(inhibitory * len(free))
    sign = torch.zeros(units, dtype=torch.int8)
    sign[free[:excitatory]], sign[free[excitatory:]] = 1, -1
    return sign


def _draw_one(
    units: int,
    inputs: int,
    outputs: int,
    gain: float,
    scale: float,
    read: Tensor | None,
    density: float,
    sign: Tensor | None,
    generator: Generator,
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Draw W (ij), W_in (ic), W_out (oi) and which synapses exist (ij) of one network.

    Outputs are what is read of single units or, without that, random.
    """
    real = {"generator": generator, "dtype": torch.float64}
    weights = gain * torch.randn(units, units, **real) / units**0.5  # type: ignore[call-overload]
    input_weights = scale * (2 * torch.rand(units, inputs, **real) - 1)  # type: ignore[call-overload]
    if read is None:
        output_weights = torch.randn(outputs, units, **real) / units**0.5  # type: ignore[call-overload]
    else:
        output_weights = read
        input_weights[(read != 0).any(0)] = 0
    exists = torch.ones(units, units, dtype=torch.bool)
    if density < 1:
        exists = torch.rand(units, units, **real) < density  # type: ignore[call-overload]
        weights = weights * exists / density**0.5
    return weights if sign is None else _signed(weights, sign, gain), input_weights, output_weights, exists


def _draw_feedback(size: float, outputs: int, clamped: Tensor, generators: list[Generator]) -> Tensor:
    """Draw W_fb of one network per generator, U(-size, size), 0 onto clamped units; b i o, float64."""
    shape = len(clamped), outputs
    drawn = [torch.rand(shape, generator=generator, dtype=torch.float64) for generator in generators]
    return size * (2 * torch.stack(drawn) - 1) * ~clamped[:, None]


def _signed(weights: Tensor, sign: Tensor, gain: float) -> Tensor:
    """Return weights (ij) by the signs of their units (j): balanced onto each unit, of spectral radius g among these."""
    size, inhibits, free = weights.abs(), sign < 0, sign != 0
    excitation, inhibition = (size[:, which].sum(1, keepdim=True) for which in (sign > 0, inhibits))
    balance = torch.where((excitation > 0) & (inhibition > 0), excitation / inhibition, 1.0)
    signed = torch.where(inhibits, balance * size, size) * sign
    radius = torch.linalg.eigvals(signed[free][:, free]).abs().max()
    scale = gain / radius if radius > 0 else 1.0  # of few synapses none may be on a loop
    return torch.where(free, scale * signed, weights)
