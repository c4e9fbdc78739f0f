"""A task that every rule can learn in a few hundred short trials: to answer with the sign of a lasting input."""

from collections.abc import Mapping
from typing import NamedTuple

import torch
from torch import Generator, Tensor

from threefactor.contract import Trial


class Sign(NamedTuple):
    """Input ±1 throughout a trial; target ± the same size over its last third."""

    target: float = 0.7
    reward: str = "graded"
    steps: int = 12
    trial_types: tuple[str, ...] = ("minus", "plus")
    inputs: int = 1
    outputs: int = 1
    periods: Mapping[str, tuple[float, float]] = {}
    factors: Mapping[str, tuple[int, ...]] = {}
    chance: float = 0.5

    def draw(self, trial_type: Tensor, *, generator: Generator | None, dtype: torch.dtype) -> Trial:
        """Return trials of the types b."""
        sign = (2.0 * trial_type - 1).to(dtype)[:, None, None].expand(-1, self.steps, 1)
        window = torch.zeros_like(sign[..., 0])
        window[:, -4:] = 1 / 4
        return Trial(sign, self.target * sign, window, trial_type, self.reward)
