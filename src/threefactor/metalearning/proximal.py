"""The proximal step that makes theta sparse."""

from torch import Tensor

from threefactor.metalearning.ascent import Ascent, denominator


def shrink(theta: Tensor, threshold: Tensor) -> Tensor:
    """Return the soft threshold ``sign(theta) max(|theta| - threshold, 0)``; p.

    It minimises ``|x - theta|^2 / 2 + threshold |x|``.

    Raises
    ------
    FloatingPointError
        If nothing is left.
    """
    left = theta.sign() * (theta.abs() - threshold).clamp_min(0)
    if not (left != 0).any():
        raise FloatingPointError("no term of theta is left: sparsity is too large")
    return left


def thresholds(ascent: Ascent, learning_rate: float, weight: float) -> Tensor:
    """Return by how much each term shrinks in the step that led here: weight times the step's size, Adam's own; p.

    In the metric of Adam's preconditioner this is the proximal step of ``weight |theta|_1``, so that where the loop
    converges, the gradient of a term that is left equals ``weight`` up to the sign, and that of a zero term is smaller.
    """
    return learning_rate * weight / denominator(ascent.second, ascent.step)
