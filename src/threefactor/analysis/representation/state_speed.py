"""Speed of the state."""

from torch import Tensor


def speed(state: Tensor, time_step: float) -> Tensor:
    """Give the root mean square speed over units, √(mean_i (x_i^{t+1} − x_i^t)²) / dt.

    Parameters
    ----------
    state : Tensor
        States, (..., T + 1, i).
    time_step : float
        dt, ms.

    Returns
    -------
    Tensor
        Speed per ms, (..., T).
    """
    return state.diff(dim=-2).square().mean(-1).sqrt() / time_step
