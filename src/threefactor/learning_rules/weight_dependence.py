"""The weight-dependent factor of a synapse: a third power beside those of rate and deviation, and as local.

    f(w) = 1 + linear w + quadratic (w² - 1)          w = W / unit,    unit = gain / sqrt(density N)

is a factor of the synapse's eligibility at the end of a trial, inside which W rests. In the unit of the weights before
learning w has the mean square one, so that f has the mean one over them: what is learned of it moves updates from some
synapses to others, not the size of all. In coefficients of rate^k deviation^l w^m it is

    theta_kl0 = (1 - quadratic) theta_kl        theta_kl1 = linear theta_kl        theta_kl2 = quadratic theta_kl,

of rank one in the third power. Where f is negative a synapse learns with the other sign: nothing bounds f, as nothing
bounds the polynomial of rate and deviation.
"""

from typing import NamedTuple

from torch import Tensor


class WeightFactor(NamedTuple):
    """The factor of each synapse, and its derivatives."""

    factor: Tensor  # b i j, f
    slope: Tensor  # b i j, df / dW
    linear: Tensor  # b i j, df / dlinear, w
    quadratic: Tensor  # b i j, df / dquadratic, w² - 1


def weight_dependence(linear: float, quadratic: float, unit: float, weights: Tensor) -> WeightFactor:
    """Return the factors of synapses of these weights, b i j; see the equation above."""
    relative = weights / unit
    beyond = relative**2 - 1
    factor = 1 + linear * relative + quadratic * beyond
    return WeightFactor(factor, (linear + 2 * quadratic * relative) / unit, relative, beyond)
