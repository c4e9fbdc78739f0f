"""The neural tangent kernel: what small changes of the weights do to all outputs; lazy learning leaves it fixed.

With a sample q an output o at a time t of a noise-free trial of type y,

    K[q, q'] = Σ_ij ∂y_q/∂W_ij ∂y_q'/∂W_ij        over synapses that exist, onto free units
    ∂y_q/∂W_ij = leak Σ_s a_q[s+1]_i r_y[s]_j      a_q: adjoint of the state from that output alone

The gradients of one network at a time are kept whole, q N² numbers. The same sum over pairs of times,
Σ_ss' (a_q[s]·a_q'[s'])(r_y[s]·r_y'[s']), would store none of them, but needs about q T / 2N times as many products.

Of one network of 128 units and 4 trial types the gradients take 10 MB for the 20 steps of a response window (q = 80) in
float64, and 52 MB for all 100 steps. What it costs: `threefactor.analysis.landscape.tangent_change`.
"""

import torch
from torch import Tensor

from threefactor.analysis.representation.representation_alignment import kernel_cosine
from threefactor.analysis.representation.responses import noise_free, repeated
from threefactor.contract import Network
from threefactor.kernels import activation, scans


def output_gradients(network: Network, inputs: Tensor, step: Tensor) -> Tensor:
    """Give the gradient of each output of one network with respect to its weights in noise-free trials from rest.

    Parameters
    ----------
    network : Network
        One network (b = 1). With other ``output_weights``, such as principal axes of the rates, it is that of those.
    inputs : Tensor
        Inputs of a trial of each type, (y, T, c).
    step : Tensor
        Steps after which the outputs count, (t), such as those of the response window.

    Returns
    -------
    Tensor
        Gradients, (q, i, j), with q over y, t and o in this order.
    """
    state = noise_free(network, inputs).state[0]
    rate = activation.rate(state, network.activation)
    slope = activation.slope(rate, network.activation)
    copies = repeated(network, len(step) * network.output_weights.shape[1])
    parts = [_of_trial(copies, rate[y], slope[y], step) for y in range(len(inputs))]
    plastic = (
        ~network.clamped[:, None] if network.exists is None else network.exists[0] & ~network.clamped[:, None]
    )
    return torch.cat(parts) * network.leak * plastic


def _of_trial(copies: Network, rate: Tensor, slope: Tensor, step: Tensor) -> Tensor:
    """Give Σ_s a[s+1] ⊗ r[s] of each time and output of one trial, (t o, i, j); `copies` of the network, one for each."""
    readout = copies.output_weights[0]
    onto = (slope[step + 1, None] * readout).flatten(0, 1)
    source = slope.new_zeros(len(onto), *slope.shape)
    source[torch.arange(len(onto), device=step.device), (step + 1).repeat_interleave(len(readout))] = onto
    each = slope.expand(len(onto), -1, -1).contiguous()
    adjoint = scans.adjoint_scan(copies.weights, each, source, copies.clamped, copies.leak)
    return adjoint[:, 1:].mT @ rate[:-1]


def tangent_kernel_alignment(before: Tensor, after: Tensor) -> Tensor:
    """Give the cosine between the tangent kernels (b, q, q) before and after learning, as (b).

    1 is lazy; the lower, the richer. The size of the kernel makes no difference (Liu et al. 2023, arXiv 2310.08513).
    """
    return kernel_cosine(before, after)


def tangent_kernel_growth(before: Tensor, after: Tensor) -> Tensor:
    """Give ‖K₁‖ / ‖K₀‖ (Frobenius) of tangent kernels (b, q, q), as (b): above 1, outputs have become more sensitive."""
    return torch.linalg.matrix_norm(after) / torch.linalg.matrix_norm(before)
