"""Lazy or rich: how learning changed what small changes of the weights do to the outputs.

With the gradients g of the outputs y with respect to the weights (`threefactor.analysis.landscape.tangent_kernel`), 0
before learning and 1 after it, a lazy network has

    kernel:    cosine of the kernels g gᵀ, which the order of units leaves as it is                 1
    gradient:  Σ_q g0_q · g1_q / (‖g0‖ ‖g1‖), weight by weight                                       1
    residual:  ‖y1 − y0 − g0 ΔW‖ / ‖y1 − y0‖, what its linear approximation misses                   0

The cosine of kernels is high between any two networks on one task, because they share its trials. Between untrained ones
of 128 units on delayed nonmatch it was 0.83 (quartiles 0.70, 0.93; 90 pairs), as it is between trained ones and what they
were before. Read it beside that null. The cosine of gradients was 0.000 (-0.002, 0.003; 18 pairs).

Cost of one network of 128 units, 4 trial types of 100 steps and the 20 steps of a response window, in float64: 0.07 s of
CPU (``python -m benchmarks measures``).
"""

from typing import NamedTuple

import torch
from torch import Tensor

from threefactor.analysis.landscape.tangent_kernel import (
    output_gradients,
    tangent_kernel_alignment,
    tangent_kernel_growth,
)
from threefactor.analysis.representation.responses import noise_free
from threefactor.contract import Network
from threefactor.training.batch import select


class TangentChange(NamedTuple):
    """What became of the gradients of the outputs; see the module."""

    kernel: Tensor  # b, cosine of tangent kernels, 0 to 1
    growth: Tensor  # b, norm of the kernel after learning, by that before
    gradient: Tensor  # b, cosine of the gradients, -1 to 1
    residual: Tensor  # b, relative error of the linear approximation; NaN where no output changed


def tangent_change(initial: Network, final: Network, inputs: Tensor, step: Tensor) -> TangentChange:
    """Compare the gradients of the outputs before and after learning (Chizat et al. 2019; Liu et al. 2023).

    Where learning moved the readout, the residual contains what that did to the outputs.

    Parameters
    ----------
    initial, final : Network
        The b networks before and after learning.
    inputs : Tensor
        Inputs of a trial of each type, (y, T, c).
    step : Tensor
        Steps after which the outputs count, (t).
    """
    places = (slice(one, one + 1) for one in range(len(initial.weights)))
    each = [_of_one(select(initial, place), select(final, place), inputs, step) for place in places]
    return TangentChange(*(torch.cat(part) for part in zip(*each, strict=True)))


def _of_one(initial: Network, final: Network, inputs: Tensor, step: Tensor) -> TangentChange:
    """Compare the gradients of one network, a batch of one."""
    before, after = (output_gradients(one, inputs, step).flatten(1) for one in (initial, final))
    kernels = [(gradient @ gradient.T)[None] for gradient in (before, after)]
    first, last = (noise_free(one, inputs).output[0][:, step].flatten() for one in (initial, final))
    change, predicted = last - first, before @ (final.weights - initial.weights).flatten()
    return TangentChange(
        tangent_kernel_alignment(*kernels),
        tangent_kernel_growth(*kernels),
        ((before * after).sum() / (before.norm() * after.norm()))[None],
        ((change - predicted).norm() / change.norm())[None],
    )
