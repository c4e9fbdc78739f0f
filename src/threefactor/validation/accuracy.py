"""Relative errors of the tangents, trial by trial."""

from torch import Tensor

from threefactor.validation.lifetimes import Sensitivity


def relative_error(found: Tensor, exact: Tensor) -> Tensor:
    """Return ``|found - exact| / |exact|`` of each trial, norms over all other axes; h, NaN where exact is zero."""
    return (found - exact).flatten(1).norm(dim=1) / exact.flatten(1).norm(dim=1)


def errors(found: Sensitivity, exact: Sensitivity) -> dict[str, Tensor]:
    """Return the relative error of the reward and of the weight tangent, by name; h each."""
    return {
        "reward_tangent": relative_error(found.reward.double(), exact.reward),
        "weight_tangent": relative_error(found.weights.double(), exact.weights),
    }
