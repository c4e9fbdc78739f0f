"""What a trial's deviations, rates and readout hand back to its states, by the backend of the tensors."""

from torch import Tensor

from threefactor.kernels.activation import TANH
from threefactor.kernels.backend import choose
from threefactor.kernels.torch import state_vjp as reference


def onto_states(
    rate: Tensor,
    onto_rate: Tensor,
    readout: Tensor,
    onto_deviation: Tensor,
    later: Tensor,
    decay: float,
    activation: str = TANH,
) -> tuple[Tensor, Tensor, Tensor]:
    """Take derivatives of rates, readout and deviations back onto the states of a trial, but for the state equation.

    With ``deviation[t] = trace[t] - x[t+1]`` the trace's adjoint is ``s[t] = onto_deviation[t] + decay s[t+1]``, and

        source[t] = slope[t] (onto_rate[t] + readout[t-1]) + (1 - decay) s[t] - onto_deviation[t-1]

    without the last three at t = 0, where nothing of the trial comes before the state.

    Parameters
    ----------
    rate
        b t+1 i, of the states.
    onto_rate
        b t i, derivative with respect to the first t rates.
    readout
        b t i, the same with respect to the last t rates.
    onto_deviation
        b t i.
    later
        s after the trial, b i.
    decay
        Of the trace, per step.
    activation
        One of `threefactor.kernels.activation.ACTIVATIONS`.

    Returns
    -------
    slope : Tensor
        Derivative of the rate with respect to the state, b t+1 i.
    source : Tensor
        b t+1 i.
    onto_trace : Tensor
        s[0], of the trace before the trial, b i.
    """
    if choose(rate, onto_rate, readout, onto_deviation, later) == "cpu":
        from threefactor.kernels.cpu import state_vjp as compiled

        return compiled.onto_states(rate, onto_rate, readout, onto_deviation, later, decay, activation)
    return reference.onto_states(rate, onto_rate, readout, onto_deviation, later, decay, activation)
