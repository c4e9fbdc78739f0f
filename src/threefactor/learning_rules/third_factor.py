"""The third factor: how reward gates an eligibility, the same for every reward-gated rule.

    gate    = learning_rate |R_bar|^baseline_exponent (R - R_bar) f(u, v)
    f(u, v) = 1 + gate_error u + gate_error_squared u² + gate_baseline v + gate_baseline_squared v²
    u       = (R - R_bar) / (|R| + |R_bar|)      the relative reward prediction error; 0 where both are 0
    v       = (R_bar² - 1) / (R_bar² + 1)        zero at an error of one, that of a silent output

u and v lie between -1 and 1, so that f is bounded whatever the reward is. Where f is negative a rule learns with the
other sign. Where all four coefficients are zero f is one, and not computed.
"""

from typing import NamedTuple, Protocol

import torch
from torch import Tensor

from threefactor.contract import Feedback, GateShape


class Constants(NamedTuple):
    """Parameters of a reward-gated rule that shares the constants of plasticity."""

    learning_rate: float  # per ms of eligibility
    clip: float  # largest change of a weight in one trial
    baseline_exponent: float  # power of the baseline in the gate
    time_step: float  # dt, ms
    onset: int  # first step of a trial that counts
    shape: GateShape = GateShape()  # of the gate


class Gated(Protocol):
    """Parameters of any reward-gated rule, as far as its gate goes."""

    @property
    def learning_rate(self) -> float:
        """Return the learning rate, per ms of eligibility."""

    @property
    def baseline_exponent(self) -> float:
        """Return the power of the baseline."""

    @property
    def shape(self) -> GateShape:
        """Return the coefficients of f."""


def gate(params: Gated, feedback: Feedback) -> Tensor:
    """Return the third factor of each network; b."""
    plain = _plain(params, feedback)
    return plain * _factor(params.shape, *features(feedback)) if any(params.shape) else plain


def slopes(params: Gated, feedback: Feedback) -> tuple[Tensor, Tensor]:
    """Return the derivatives of the third factor with respect to reward and baseline; b each.

    That of |x| is taken to be zero at zero.
    """
    exponent, baseline = params.baseline_exponent, feedback.baseline
    size, error = magnitude(baseline), feedback.reward - baseline
    scale = params.learning_rate * size**exponent
    by_reward, by_baseline = scale, -scale
    if exponent != 0:
        steep = params.learning_rate * exponent * size ** (exponent - 1) * baseline.sign()
        # without an error the baseline_exponent does not count, however steep it is at a baseline of zero
        by_baseline = torch.where(error == 0, 0.0, steep * error) - scale
    if not any(params.shape):
        return by_reward, by_baseline
    factor = _factor(params.shape, *features(feedback))
    through_reward, through_baseline = _error_times_slopes(params.shape, feedback)
    return factor * by_reward + scale * through_reward, factor * by_baseline + scale * through_baseline


def shape_derivatives(params: Gated, feedback: Feedback) -> dict[str, Tensor]:
    """Return the derivatives of the third factor with respect to the coefficients of f, by name; b each."""
    plain, (u, v) = _plain(params, feedback), features(feedback)
    return dict(zip(GateShape._fields, (plain * u, plain * u**2, plain * v, plain * v**2), strict=True))


def features(feedback: Feedback) -> tuple[Tensor, Tensor]:
    """Return u and v, of which f is a function; b each."""
    size = magnitude(feedback.reward) + magnitude(feedback.baseline)
    relative = (feedback.reward - feedback.baseline) / torch.where(size == 0, 1.0, size)
    return relative, 1 - 2 / (1 + feedback.baseline**2)


def magnitude(x: Tensor) -> Tensor:
    """Return the modulus of real x, continued analytically for the complex step."""
    return x * x.real.sign()


def _plain(params: Gated, feedback: Feedback) -> Tensor:
    """Return the third factor without f; b."""
    scale = params.learning_rate * magnitude(feedback.baseline) ** params.baseline_exponent
    return scale * (feedback.reward - feedback.baseline)


def _factor(shape: GateShape, u: Tensor, v: Tensor) -> Tensor:
    """Return f; b."""
    by_error = shape.gate_error * u + shape.gate_error_squared * u**2
    return 1 + by_error + shape.gate_baseline * v + shape.gate_baseline_squared * v**2


def _error_times_slopes(shape: GateShape, feedback: Feedback) -> tuple[Tensor, Tensor]:
    """Return ``(R - R_bar) df/dR`` and ``(R - R_bar) df/dR_bar``, both finite where R and R_bar are zero; b each.

    ``(R - R_bar) du/dR = u (1 - u sign R)``, ``(R - R_bar) du/dR_bar = -u (1 + u sign R_bar)`` and
    ``dv/dR_bar = 4 R_bar / (R_bar² + 1)²``.
    """
    reward, baseline = feedback.reward, feedback.baseline
    u, v = features(feedback)
    by_u = (shape.gate_error + 2 * shape.gate_error_squared * u) * u
    by_v = (shape.gate_baseline + 2 * shape.gate_baseline_squared * v) * (reward - baseline)
    through_v = by_v * 4 * baseline / (1 + baseline**2) ** 2
    return by_u * (1 - u * reward.sign()), through_v - by_u * (1 + u * baseline.sign())
