"""The third factor: how reward gates an eligibility, the same for every reward-gated rule."""

from torch import Tensor

from threefactor.contract import Feedback


def gate(learning_rate: float, stabiliser: float, feedback: Feedback) -> Tensor:
    """Return the third factor ``learning_rate |R_bar|^stabiliser (R - R_bar)``; b."""
    scale = learning_rate * magnitude(feedback.baseline) ** stabiliser
    return scale * (feedback.reward - feedback.baseline)


def magnitude(x: Tensor) -> Tensor:
    """Return the modulus of real x, continued analytically for the complex step."""
    return x * x.real.sign()
