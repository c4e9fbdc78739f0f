"""The nonlinearity compiled for the CPU: `threefactor.kernels.activation` for one number, to be inlined in a loop.

Which one is known to compiled code by the length of a tuple, as sizes are.
"""

# mypy: disable-error-code="no-untyped-def, call-arg"

import math

import numpy as np
from numba import types
from numba.extending import overload

from threefactor.kernels.activation import ACTIVATIONS
from threefactor.kernels.lanes import known

# Rational approximation of tanh, within 5 units in the last place of float32 (as in Eigen's ptanh).
_EDGE = np.float32(7.90531110763549805)
_ODD = tuple(
    np.float32(c)
    for c in (
        4.89352455891786e-03,
        6.37261928875436e-04,
        1.48572235717979e-05,
        5.12229709037114e-08,
        -8.60467152213735e-11,
        2.00018790482477e-13,
        -2.76076847742355e-16,
    )
)
_EVEN = tuple(
    np.float32(c)
    for c in (4.89352518554385e-03, 2.26843463243900e-03, 1.18534705686654e-04, 1.19825839466702e-06)
)


def kind(activation: str) -> tuple[int, ...]:
    """Return an activation as compiled code knows it."""
    return known(1 + ACTIVATIONS.index(activation))


def rate(x, kind):
    """Return phi(x)."""
    raise NotImplementedError  # compiled only


def slope(r, kind):
    """Return phi' where the rate is r."""
    raise NotImplementedError  # compiled only


@overload(rate, inline="always")
def _rate_of(x, kind):
    name, zero = ACTIVATIONS[len(kind) - 1], np.float32(0) if x == types.float32 else 0.0
    if name == "relu":
        return lambda x, kind: zero if x <= zero else x
    if name == "softplus":
        return lambda x, kind: (zero if x <= zero else x) + math.log1p(math.exp(-abs(x)))
    return _tanh_single if x == types.float32 else lambda x, kind: math.tanh(x)


@overload(slope, inline="always")
def _slope_of(r, kind):
    name = ACTIVATIONS[len(kind) - 1]
    one, zero = (np.float32(1), np.float32(0)) if r == types.float32 else (1.0, 0.0)
    if name == "relu":
        return lambda r, kind: one if r > zero else zero
    if name == "softplus":
        return lambda r, kind: -math.expm1(-r)
    return lambda r, kind: 1 - r * r


def _tanh_single(x, kind):
    """Return tanh of a float32 by a quotient of polynomials, which the compiler turns into vectors."""
    y = min(max(x, -_EDGE), _EDGE)
    s = y * y
    p = _ODD[0] + s * (_ODD[1] + s * (_ODD[2] + s * (_ODD[3] + s * (_ODD[4] + s * (_ODD[5] + s * _ODD[6])))))
    q = _EVEN[0] + s * (_EVEN[1] + s * (_EVEN[2] + s * _EVEN[3]))
    return y * p / q
