"""Which weights there can be: those of synapses that exist, and by Dale's law the sign of all weights from one unit.

Learning respects both by a projection after every change of the weights, whichever rule made it:

    hold(W)_ij = W_ij where the synapse exists and its weight has the sign of unit j (or j has none), else 0

Its derivative is 1 where a weight is left as it is and 0 where it is held at zero, at a weight of zero too. ``hold``
leaves what it made as it is, so that weights tell where it held before it and after it alike.
"""

from torch import Tensor

from threefactor.contract import Network


def held(network: Network, weights: Tensor) -> Tensor | None:
    """Return which weights (b i j, real or complex) are held at zero; b i j, bool, None where nothing is held."""
    absent = None if network.exists is None else ~network.exists
    if network.sign is None:
        return absent
    sign = network.sign.to(weights.real.dtype)
    wrong = (sign != 0) & (sign * weights.real <= 0)  # false for what is not a number, which stays one
    return wrong if absent is None else wrong | absent


def hold(network: Network, weights: Tensor) -> Tensor:
    """Return weights (b i j) as far as the network's synapses allow them."""
    where = held(network, weights)
    return weights if where is None else weights.masked_fill(where, 0)


def through(network: Network, weights: Tensor, derivative: Tensor) -> Tensor:
    """Take a derivative through `hold`, forwards or backwards.

    Parameters
    ----------
    network
        Whose synapses hold.
    weights
        Before or after `hold`, b i j.
    derivative
        Of the weights with respect to p numbers, b p i j, or of a number with respect to the weights, b i j.
    """
    where = held(network, weights)
    if where is None:
        return derivative
    return derivative.masked_fill(where if derivative.dim() == where.dim() else where[:, None], 0)


def existing(network: Network, change: Tensor) -> Tensor:
    """Return a change of the weights (b i j) without that of synapses that do not exist."""
    return change if network.exists is None else change.masked_fill(~network.exists, 0)
