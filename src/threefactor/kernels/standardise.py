"""A signal in units of what its own unit is used to: less its running mean, over its running root mean square.

    centred[t]       = x[t] - mean[t]                          mean[t+1]   = a mean[t] + (1 - a) x[t]
    standardised[t]  = centred[t] / sqrt(square[t] + floor²)   square[t+1] = c square[t] + (1 - c) centred[t]²

Mean and square begin at zero and know only the past of t, so that what is new stands out. Without a running mean
(a = None) the signal is normalised, not centred.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from threefactor.kernels.scans import trace_scan


class Standard(NamedTuple):
    """What a unit is used to: the constants of its running mean and root mean square."""

    mean_decay: float | None  # a, per step; None for no running mean
    square_decay: float  # c, per step
    floor: float  # least root mean square, in units of the signal


class Standardised(NamedTuple):
    """A standardised signal, with what its derivatives need."""

    values: Tensor  # b t i
    centred: Tensor  # b t i
    scale: Tensor  # b t i, 1 / sqrt(square + floor²)


class Used(NamedTuple):
    """Tangents of the running mean and of the running square."""

    mean: Tensor  # b p i
    square: Tensor  # b p i


def standardise(signal: Tensor, standard: Standard) -> Standardised:
    """Return the standardised signal; b t i."""
    start = torch.zeros_like(signal[:, 0])
    centred = signal if standard.mean_decay is None else signal - _past(signal, start, standard.mean_decay)
    square = _past(centred * centred, start, standard.square_decay)
    scale = (square + standard.floor**2).rsqrt()
    return Standardised(centred * scale, centred, scale)


def jvp(made: Standardised, standard: Standard, tangent: Tensor, used: Used) -> tuple[Tensor, Used]:
    """Take p tangents of the signal (b t p i) through some steps, and those of mean and square along with them.

    Parameters
    ----------
    made
        The standardised signal at these steps.
    standard
        Its constants.
    tangent
        Of the signal, b t p i.
    used
        Before the first of the steps; zero at the start.
    """
    mean = used.mean
    if standard.mean_decay is not None:
        means = trace_scan(tangent, used.mean, standard.mean_decay)
        tangent, mean = tangent - means[:, :-1], means[:, -1]
    centred, scale = made.centred[:, :, None], made.scale[:, :, None]
    squares = trace_scan(2 * centred * tangent, used.square, standard.square_decay)
    return scale * tangent - 0.5 * centred * scale**3 * squares[:, :-1], Used(mean, squares[:, -1])


def vjp(made: Standardised, standard: Standard, onto: Tensor) -> Tensor:
    """Take a derivative with respect to the standardised signal back to the signal; b t i."""
    onto_square = -0.5 * onto * made.centred * made.scale**3
    centred = onto * made.scale + 2 * made.centred * _future(onto_square, standard.square_decay)
    return centred if standard.mean_decay is None else centred - _future(centred, standard.mean_decay)


def _past(values: Tensor, start: Tensor, decay: float) -> Tensor:
    """Return the running mean before each value."""
    return trace_scan(values, start, decay)[:, :-1]


def _future(values: Tensor, decay: float) -> Tensor:
    """Return the adjoint of `_past`: the same mean, run backwards from the end."""
    reversed_values = values.flip(1)
    return _past(reversed_values, torch.zeros_like(values[:, 0]), decay).flip(1)
