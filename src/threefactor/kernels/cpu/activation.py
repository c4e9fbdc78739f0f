"""The nonlinearity compiled for the CPU: `threefactor.kernels.activation` for a row of units."""

# mypy: disable-error-code="no-untyped-def, call-arg"

import math

import numpy as np
from numba import types
from numba.extending import overload

from threefactor.kernels.activation import ACTIVATIONS
from threefactor.kernels.cpu.jit import fast

_RELU, _SOFTPLUS = (ACTIVATIONS.index(name) for name in ("relu", "softplus"))

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


def code(activation: str) -> int:
    """Return an activation as compiled code knows it."""
    return ACTIVATIONS.index(activation)


def _tanh(x: float) -> float:
    raise NotImplementedError  # compiled only


@overload(_tanh, inline="always")
def _tanh_of(x):
    if x == types.float32:
        return _tanh_single
    return lambda x: math.tanh(x)


def _tanh_single(x):
    """Return tanh of a float32 by a quotient of polynomials, which the compiler turns into vectors."""
    y = min(max(x, -_EDGE), _EDGE)
    s = y * y
    p = _ODD[0] + s * (_ODD[1] + s * (_ODD[2] + s * (_ODD[3] + s * (_ODD[4] + s * (_ODD[5] + s * _ODD[6])))))
    q = _EVEN[0] + s * (_EVEN[1] + s * (_EVEN[2] + s * _EVEN[3]))
    return y * p / q


@fast
def rates(state, rate, phi):
    """Write the rate of each state, of as many as there are rates; what is not a number stays so."""
    zero = rate.dtype.type(0)
    if phi == _RELU:
        for i in range(len(rate)):
            rate[i] = zero if state[i] <= zero else state[i]
    elif phi == _SOFTPLUS:
        for i in range(len(rate)):
            positive = zero if state[i] <= zero else state[i]
            rate[i] = positive + math.log1p(math.exp(-abs(state[i])))
    else:
        for i in range(len(rate)):
            rate[i] = _tanh(state[i])


@fast
def slopes(rate, slope, phi):
    """Write phi' where rates are these."""
    if phi == _RELU:
        for i in range(len(rate)):
            slope[i] = rate[i] > 0
    elif phi == _SOFTPLUS:
        for i in range(len(rate)):
            slope[i] = -math.expm1(-rate[i])
    else:
        for i in range(len(rate)):
            slope[i] = 1 - rate[i] * rate[i]
