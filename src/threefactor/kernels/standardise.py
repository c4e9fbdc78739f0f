"""A signal in units of what its own unit is used to: less its running mean, over its running root mean square.

    centred[t]       = x[t] - mean[t]                          mean[t+1]   = a mean[t] + (1 - a) x[t]
    scaled[t]        = centred[t] / sqrt(square[t] + floor²)   square[t+1] = c square[t] + (1 - c) centred[t]²
    standardised[t]  = scaled[t] / sqrt(1 + (scaled[t] / bound)²)

Mean and square begin at zero and know only the past of t, so that what is new stands out. Without a running mean
(a = None) the signal is normalised, not centred. Within the bound, the powers of a signal far outside what was seen
do not explode; without one (inf) the scaled signal is the standardised one.
"""

from collections.abc import Callable
from math import inf
from typing import NamedTuple

import torch
from torch import Tensor

from threefactor.kernels.scans import trace_scan


class Standard(NamedTuple):
    """What a unit is used to: the constants of its running mean and root mean square."""

    mean_decay: float | None  # a, per step; None for no running mean
    square_decay: float  # c, per step
    floor: float  # least root mean square, in units of the signal
    bound: float = inf  # of a standardised signal's size, in units of its root mean square; inf for none


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
    return Standardised(_bounded(centred * scale, standard.bound), centred, scale)


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
    scaled = scale * tangent - 0.5 * centred * scale**3 * squares[:, :-1]
    return _through_bound(scaled, centred, scale, standard.bound), Used(mean, squares[:, -1])


def vjp(made: Standardised, standard: Standard, onto: Tensor) -> Tensor:
    """Take a derivative with respect to the standardised signal back to the signal; b t i."""
    onto = _through_bound(onto, made.centred, made.scale, standard.bound)
    onto_square = -0.5 * onto * made.centred * made.scale**3
    centred = onto * made.scale + 2 * made.centred * _future(onto_square, standard.square_decay)
    return centred if standard.mean_decay is None else centred - _future(centred, standard.mean_decay)


def by_mean_decay(made: Standardised, standard: Standard) -> Tensor:
    """Return the derivative with respect to a, at a given signal: ``mean'[t+1] = a mean'[t] - centred[t]``; b t i."""
    assert standard.mean_decay is not None  # it is differentiated
    nothing = torch.zeros_like(made.centred[:, 0])
    fresh = 1 - standard.mean_decay  # by which the mean weighs what it takes up
    centred = _past(made.centred / fresh, nothing, standard.mean_decay)
    at_given_mean = standard._replace(mean_decay=None)
    return jvp(made, at_given_mean, centred[:, :, None], Used(nothing[:, None], nothing[:, None]))[0][:, :, 0]


def by_square_decay(made: Standardised, standard: Standard) -> Tensor:
    """Return that with respect to c: ``square'[t+1] = c square'[t] + square[t] - centred[t]²``; b t i."""
    nothing, keep = torch.zeros_like(made.centred[:, 0]), standard.square_decay
    latest = made.centred * made.centred
    behind = _past(latest, nothing, keep) - latest
    return _by_square(made, standard, _past(behind / (1 - keep), nothing, keep))


def by_floor(made: Standardised, standard: Standard) -> Tensor:
    """Return that with respect to the floor; b t i."""
    return _by_square(made, standard, torch.full_like(made.scale, 2 * standard.floor))


def by_bound(made: Standardised, standard: Standard) -> Tensor:
    """Return that with respect to the bound, ``u³ / (1 + u²)^(3/2)`` with u = scaled / bound; b t i."""
    share = made.centred * made.scale / standard.bound
    return _through_bound(share**3, made.centred, made.scale, standard.bound)


BY_CONSTANT: dict[str, Callable[[Standardised, Standard], Tensor]] = {
    "mean_decay": by_mean_decay,
    "square_decay": by_square_decay,
    "floor": by_floor,
    "bound": by_bound,
}
"""Derivatives of a standardised signal with respect to the constants of `Standard`, at a given signal."""


def _by_square(made: Standardised, standard: Standard, square: Tensor) -> Tensor:
    """Return what a change of ``square + floor²`` (b t i) makes of the standardised signal; b t i."""
    scaled = -0.5 * made.centred * made.scale**3 * square
    return _through_bound(scaled, made.centred, made.scale, standard.bound)


def _bounded(scaled: Tensor, bound: float) -> Tensor:
    """Return the scaled signal within ±bound."""
    return scaled if bound == inf else scaled / torch.sqrt(1 + (scaled / bound) ** 2)


def _through_bound(derivative: Tensor, centred: Tensor, scale: Tensor, bound: float) -> Tensor:
    """Take a tangent of the scaled signal, or a derivative onto the bounded one, through the bound."""
    return derivative if bound == inf else derivative * (1 + (centred * scale / bound) ** 2) ** -1.5


def _past(values: Tensor, start: Tensor, decay: float) -> Tensor:
    """Return the running mean before each value."""
    return trace_scan(values, start, decay)[:, :-1]


def _future(values: Tensor, decay: float) -> Tensor:
    """Return the adjoint of `_past`: the same mean, run backwards from the end."""
    reversed_values = values.flip(1)
    return _past(reversed_values, torch.zeros_like(values[:, 0]), decay).flip(1)
