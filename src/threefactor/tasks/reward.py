"""Rewards of a trial, each with its gradient."""

import torch
from torch import Tensor

from threefactor.contract import Trial

REWARDS = ("graded", "squared", "correct")


def reward(trial: Trial, output: Tensor) -> tuple[Tensor, Tensor]:
    """Return the reward of a trial and its derivative with respect to the output.

    ``graded``: R = -mean |y - y*|; ``squared``: R = -mean (y - y*)²; ``correct``: R = 1 where the mean output has the
    answer of the target, else 0, with a derivative that is zero almost everywhere. Means are over outputs, by their
    shares, and the response window.

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
    weight = trial.window[..., None].to(output.dtype) * _share(trial, output)
    error = output - trial.target
    if trial.reward == "graded":
        sign = torch.sign(error.real)
        return -(weight * sign * error).sum((1, 2)), -weight * sign
    if trial.reward == "squared":
        return -(weight * error**2).sum((1, 2)), -2 * weight * error
    if trial.reward == "correct":
        return correct(trial, output).to(output.dtype), torch.zeros_like(output)
    raise ValueError(f"reward = {trial.reward!r}: must be one of {', '.join(REWARDS)}")


def mean_error(trial: Trial, output: Tensor) -> Tensor:
    """Return mean |y - y*| over outputs and the response window, whatever the reward is; b."""
    size = (output - trial.target).abs()
    return ((size * _share(trial, size)).sum(2) * trial.window).sum(1)


def correct(trial: Trial, output: Tensor) -> Tensor:
    """Return whether the mean output over the response window gives the answer of the target; b, bool.

    The answer of a single output is its sign, that of several the one that is largest, alone; silence is no answer.
    """
    weight = trial.window.real[..., None]
    mean, wanted = ((part.real * weight).sum(1) for part in (output, trial.target))
    if mean.shape[1] == 1:
        return (torch.sign(mean) == torch.sign(wanted))[:, 0]
    right = wanted.argmax(1, keepdim=True)
    others = mean.scatter(1, right, -torch.inf).amax(1)
    return mean.gather(1, right)[:, 0] > others


def _share(trial: Trial, output: Tensor) -> Tensor | float:
    """Return what each output counts, b 1 o, or one number for all."""
    return 1 / output.shape[-1] if trial.share is None else trial.share[:, None].to(output.dtype)
