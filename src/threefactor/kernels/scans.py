"""The scans over time, each by the backend of its tensors (`threefactor.kernels.backend`).

Each function stands, with the same arguments and results, in ``torch/scans.py`` (any device, precision, and autograd),
``cpu/scans.py`` (compiled with numba) and ``cuda/scans.py`` (CUDA kernels and graphs): one equation, and the tests run
over all.
"""

from types import ModuleType

from torch import Tensor

from threefactor.kernels.activation import TANH
from threefactor.kernels.backend import choose
from threefactor.kernels.torch import scans as reference


def scan(
    weights: Tensor, drive: Tensor, start: Tensor, clamped: Tensor, leak: float, activation: str = TANH
) -> tuple[Tensor, Tensor]:
    """Run the network's state through a trial.

    ``x[t+1] = x[t] + m * leak * (-x[t] + W phi(x[t]) + drive[t])`` with m = 0 on clamped units.

    Parameters
    ----------
    weights
        b i j.
    drive
        b t i, input and perturbation.
    start
        b i, the state at t = 0.
    clamped
        i, bool.
    leak
        dt / tau.
    activation
        phi, one of `threefactor.kernels.activation.ACTIVATIONS`.

    Returns
    -------
    state : Tensor
        x, b t+1 i.
    rate : Tensor
        phi(x), b t+1 i.
    """
    return _scans(weights, drive, start).scan(weights, drive, start, clamped, leak, activation)


def tangent_scan(
    weights: Tensor, slope: Tensor, drive: Tensor, start: Tensor, clamped: Tensor, leak: float
) -> Tensor:
    """Run p state tangents through some steps of a trial (the poster's state tangent).

    ``chi[t+1] = chi[t] + m * leak * (-chi[t] + W (slope[t] * chi[t]) + drive[t])``.

    Parameters
    ----------
    weights
        b i j.
    slope
        b t i, the derivative of the rate with respect to the state.
    drive
        b t p i, ``U r[t]``.
    start
        b p i, the state tangent before the first of the steps; zero at the start of a trial.
    clamped
        i, bool.
    leak
        dt / tau.

    Returns
    -------
    Tensor
        State tangent, b t+1 p i.
    """
    return _scans(weights, slope, drive, start).tangent_scan(weights, slope, drive, start, clamped, leak)


def adjoint_scan(weights: Tensor, slope: Tensor, source: Tensor, clamped: Tensor, leak: float) -> Tensor:
    """Run the adjoint of `scan` backwards through a trial.

    ``a[t] = a[t+1] - m leak a[t+1] + slope[t] * W^T (m leak a[t+1]) + source[t]`` from ``a[T] = source[T]``.

    Parameters
    ----------
    weights
        b i j.
    slope
        b t+1 i, the derivative of the rate with respect to the state.
    source
        b t+1 i, the direct derivative of the objective with respect to the state.
    clamped
        i, bool.
    leak
        dt / tau.

    Returns
    -------
    Tensor
        Adjoint of the state, b t+1 i.
    """
    return _scans(weights, slope, source).adjoint_scan(weights, slope, source, clamped, leak)


def trace_scan(values: Tensor, start: Tensor, decay: float) -> Tensor:
    """Run an exponential trace along the time axis.

    ``trace[t+1] = decay * trace[t] + (1 - decay) * values[t]``.

    Parameters
    ----------
    values
        b t ..., with any axes behind the time.
    start
        b ..., the trace before the first value.
    decay
        Per step, in [0, 1].

    Returns
    -------
    Tensor
        Trace, b t+1 ...: entry t is the trace before ``values[:, t]``.
    """
    return _scans(values, start).trace_scan(values, start, decay)


def deviation_scan(state: Tensor, start: Tensor, decay: float) -> tuple[Tensor, Tensor]:
    """Run the trace of the states of a trial, and take each new state from the old trace.

    ``deviation[t] = trace[t] - x[t+1]`` and ``trace[t+1] = decay * trace[t] + (1 - decay) * x[t+1]``.

    Parameters
    ----------
    state
        x, b t+1 i.
    start
        b i, the trace before the trial.
    decay
        Per step, in [0, 1].

    Returns
    -------
    deviation : Tensor
        b t i.
    trace : Tensor
        After the trial, b i.
    """
    return _scans(state, start).deviation_scan(state, start, decay)


def _scans(*tensors: Tensor) -> ModuleType:
    """Return the scans of the tensors' backend, by an import statement: an edit there reruns what uses it."""
    backend = choose(*tensors)
    if backend == "cpu":
        from threefactor.kernels.cpu import scans as compiled

        return compiled
    if backend == "cuda":
        from threefactor.kernels.cuda import scans as kernels

        return kernels
    return reference
