"""Relative errors of derivatives, network by network."""

import torch
from torch import Tensor

from threefactor.derivatives.methods import Along, Backward, Forward

REWARD, CUMULATED, WEIGHTS = "reward_tangent", "cumulated_reward_tangent", "weight_tangent"


def relative_error(found: Tensor, exact: Tensor, axes: int) -> Tensor:
    """Return ``|found - exact| / |exact|``, norms over all but the first so many axes.

    Two zeros have no error: NaN. Infinite where only the exact one is zero, and where either is not finite.
    """
    size = exact.flatten(axes).norm(dim=axes)
    error = (found - exact).flatten(axes).norm(dim=axes) / size
    lost = ~(found.isfinite() & exact.isfinite()).flatten(axes).all(axes)
    return torch.where(lost, torch.inf, error)


def along_errors(found: Along, exact: Along, marks: tuple[int, ...]) -> dict[str, Tensor]:
    """Return the errors of derivatives along directions, at the marked trials; m b of each quantity."""
    at = torch.tensor(marks) - 1
    rewards = [(one.reward.double()[at], one.reward.double().cumsum(0)[at]) for one in (found, exact)]
    return {
        REWARD: relative_error(rewards[0][0], rewards[1][0], 2),
        CUMULATED: relative_error(rewards[0][1], rewards[1][1], 2),
        WEIGHTS: relative_error(found.weights.double(), exact.weights.double(), 2),
    }


def backward_errors(found: Forward, exact: Backward, marks: tuple[int, ...]) -> dict[str, Tensor]:
    """Return the errors of tangents against reverse mode, over all coefficients; m b, or 1 b of the last trial."""
    at = torch.tensor(marks) - 1
    return {
        REWARD: relative_error(found.reward[at], exact.reward, 2),
        CUMULATED: relative_error(found.reward[: marks[-1]].sum(0)[None], exact.cumulated[None], 2),
        WEIGHTS: relative_error(found.projected[-1:], exact.projected[None], 2),
    }
