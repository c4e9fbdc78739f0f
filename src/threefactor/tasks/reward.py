"""Rewards of a trial, each with its gradient."""

import torch
from torch import Tensor

from threefactor.contract import Trial

REWARDS = ("graded", "squared", "correct")


def reward(trial: Trial, output: Tensor) -> tuple[Tensor, Tensor]:
    """Return the reward of a trial and its derivative with respect to the output.

    ``graded``: R = -mean |y - y*|; ``squared``: R = -mean (y - y*)²; ``correct``: R = 1 where the mean output has the
    sign of the target, else 0, with a derivative that is zero almost everywhere. Means are over outputs and the
    response window.

    Parameters
    ----------
    trial
        With ``reward`` one of `REWARDS`.
    output
        y, b t o; real or complex (the modulus is continued analytically, for the complex step).

    Returns
    -------
    reward : Tensor
        b.
    gradient : Tensor
        dR/dy, b t o.

    Raises
    ------
    ValueError
        If the trial's reward is not one of `REWARDS`.
    """
    weight = trial.window[..., None].to(output.dtype) / output.shape[-1]
    error = output - trial.target
    if trial.reward == "graded":
        sign = torch.sign(error.real)
        return -(weight * sign * error).sum((1, 2)), -weight * sign
    if trial.reward == "squared":
        return -(weight * error**2).sum((1, 2)), -2 * weight * error
    if trial.reward == "correct":
        return correct(trial, output).to(output.dtype), torch.zeros_like(output)
    raise ValueError(f"reward = {trial.reward!r}: allowed are {', '.join(REWARDS)}")


def mean_error(trial: Trial, output: Tensor) -> Tensor:
    """Return mean |y - y*| over outputs and the response window, whatever the reward is; b."""
    return ((output - trial.target).abs().mean(2) * trial.window).sum(1)


def correct(trial: Trial, output: Tensor) -> Tensor:
    """Return whether the mean output over the response window has the sign of the target; b, bool."""
    weight = trial.window.real[..., None]
    mean = (output.real * weight).sum(1)
    wanted = (trial.target.real * weight).sum(1)
    return (torch.sign(mean) == torch.sign(wanted)).all(1)
