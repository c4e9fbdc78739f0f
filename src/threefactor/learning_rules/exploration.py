"""What a rule that explores with noise of its own learns from the reward: an estimate of the reward's gradient.

    estimate = (R - R_bar) noise / size²        noise ~ N(0, size²), added to what the rule explores

Its mean is the derivative, with respect to what the noise was added to, of the mean reward under the noise; for small
noise that is the derivative of the reward itself (Williams 1992; Stein's lemma). R_bar is known before the trial and
changes the variance alone.

The noise on an output is one number z a trial, held over the steps of the response window. What it tells is the
derivative with respect to the mean response, of which every step gets its share:

    estimate[t] = (R - R_bar) z / (steps size²) in the window, else 0

Its mean is the mean of dR/dy over the window: dR/dy[t] itself where that is the same at all steps, as under the graded
reward while the error keeps its sign. One number for each step would tell dR/dy[t] in every case, but the reward is a
mean over the window, in which such noise is lost among the perturbations, and rules then learn more slowly.
"""

from typing import NamedTuple

from torch import Tensor

from threefactor.contract import Feedback


class Explorer(NamedTuple):
    """Parameters of a rule that explores with noise of its own."""

    learning_rate: float
    exploration: float  # size, the standard deviation of the noise
    clip: float  # largest change of a weight in one trial


def weight_gradient(size: float, feedback: Feedback) -> Tensor:
    """Return the estimate of dR/dW from noise on weights, ``(R - R_bar) noise / size²``; b i j."""
    noise = _noise(feedback)
    return noise * ((feedback.reward - feedback.baseline) / size**2)[:, None, None]


def output_gradient(size: float, feedback: Feedback) -> Tensor:
    """Return the estimate of dR/dy from noise on outputs, ``(R - R_bar) z / (steps size²)`` in the window; b t o."""
    noise = _noise(feedback)
    steps = (noise != 0).sum(1, keepdim=True).clamp(min=1)
    return noise / steps * ((feedback.reward - feedback.baseline) / size**2)[:, None, None]


def _noise(feedback: Feedback) -> Tensor:
    """Return the noise of a trial, and refuse one that was run without."""
    if feedback.exploration is None:
        raise ValueError("feedback.exploration = None: must be the noise with which the rule explored")
    return feedback.exploration
