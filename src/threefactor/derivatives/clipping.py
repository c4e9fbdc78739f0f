"""Which updates the clip left alone, as bits: the derivative of the clip at a thirty-second of the weights' memory.

The derivative of what synapses hold at zero (`threefactor.network.synapses`) is kept alike.
"""

import torch
from torch import Tensor

from threefactor.learning_rules.polynomial import Polynomial

ROUNDING = 4  # units in the last place by which a clipped update may miss the clip


def unclipped(params: Polynomial, weights: Tensor, update: Tensor) -> Tensor | None:
    """Return a bit for each weight whose proposed update was within the clip; None without a clip.

    Parameters
    ----------
    params
        Of the rule that made the update.
    weights
        Before the trial, b i j.
    update
        The clipped one less the decay of the weights, b i j.

    Returns
    -------
    Tensor
        b ., uint8: bit n of entry m stands for weight ``n M + m`` of so many M entries.
    """
    if params.clip == float("inf"):
        return None
    if not params.weight_decay:
        return pack((update.abs() < params.clip).flatten(1))
    decayed = params.weight_decay * weights
    error = ROUNDING * torch.finfo(weights.dtype).eps * (params.clip + decayed.abs())
    return pack(((update + decayed).abs() < params.clip - error).flatten(1))


def vjp(bits: Tensor | None, adjoint: Tensor) -> Tensor:
    """Take the derivative with respect to what was clipped, or held, back to before: zero without the bit; b i j."""
    if bits is None:
        return adjoint
    return adjoint * unpack(bits, adjoint[0].numel()).view_as(adjoint)


def pack(truth: Tensor) -> Tensor:
    """Return truth (b n) as bits, b n/8."""
    filled = torch.nn.functional.pad(truth.view(torch.uint8), (0, -truth.shape[1] % 8))
    return (filled.unflatten(1, (8, -1)) << _places(truth)).sum(1, dtype=torch.uint8)


def unpack(bits: Tensor, count: int) -> Tensor:
    """Return so many of the bits as zeros and ones, b n."""
    return ((bits[:, None] >> _places(bits)) & 1).flatten(1)[:, :count]


def _places(like: Tensor) -> Tensor:
    return torch.arange(8, dtype=torch.uint8, device=like.device)[:, None]
