"""What a trial hands to the sums over its time."""

from typing import NamedTuple

from torch import Tensor

from threefactor.kernels.standardise import Standard, Standardised

Terms = tuple[tuple[int, int], ...]
"""Powers (k, l) of the p coefficients that carry tangents."""


class LinearisedTrial(NamedTuple):
    """A trial as its tangents see it."""

    rate: Tensor  # b t j, of the presynaptic side
    slope: Tensor  # b t+1 i, derivative of the rate with respect to the state
    deviation: Tensor  # b t i
    step_weight: Tensor  # t i, weight w of each step in the eligibility, zero on clamped units
    onto_rate: Tensor  # b t i, direct derivative of the reward with respect to the rate after the step
    standard: Standard | None = None  # constants of a standardised deviation
    standardised: Standardised | None = None  # its parts
