"""What RFLO and e-prop share: the part of the gradient that a synapse can know, times a learning signal.

A weight acts on later states through its own unit's leak and through the recurrent weights. The part through the leak is
carried forward in time by the synapse itself, as its eligibility, which for leaky rate units is a filtered presynaptic
rate and a factor of the postsynaptic unit:

    f_j[t+1] = (1 - leak) f_j[t] + leak r_j[t]                    f[0] = 0: a trial starts without eligibility
    dW_ij    = m_i sum_t L_i[t] slope_i[t+1] f_j[t+1]

L_i[t] is the learning signal that reaches unit i: how the reward depends on its rate r_i[t+1]. With the total derivative
through the network's future, dW is dR/dW by BPTT (Bellec et al. 2020, equation 1). With the direct one, W_out^T dR/dy,
it is BPTT without the recurrent weights in its adjoint.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import torch
from torch import Tensor

from threefactor.contract import Feedback, Network, Surroundings, Trajectory
from threefactor.kernels import scans
from threefactor.learning_rules import exploration
from threefactor.network.simulate import slope


class LocalGradient(NamedTuple):
    """Parameters of a rule that ascends the local part of the gradient."""

    learning_rate: float
    clip: float  # largest change of a weight in one trial
    broadcast: (
        Tensor | None
    )  # o i, fixed weights B from output errors to units; None for those of the readout
    exploration: float | None = None  # size of the noise that dR/dy is estimated by; None where it is known


def parameters(settings: Mapping[str, Any], surroundings: Surroundings) -> LocalGradient:
    """Return the parameters, the fixed feedback drawn where it is random.

    Parameters
    ----------
    settings
        ``learning_rate``, ``feedback`` (``random`` or ``symmetric``), and ``exploration`` of a rule that explores.
    surroundings
        With the clip, and with all that random feedback is drawn from.
    """
    is_random = settings["feedback"] == "random"
    broadcast = draw_broadcast(surroundings) if is_random else None
    return LocalGradient(settings["learning_rate"], surroundings.clip, broadcast, settings.get("exploration"))


def draw_broadcast(surroundings: Surroundings) -> Tensor:
    """Draw fixed weights from output errors to units, N(0, 1/N); o i.

    An output that is a unit gets its own error. All networks share these weights: a network's own weights are drawn alike
    for all units and for either sign, so that only the sizes in B could matter, and of those there are N.
    """
    size = surroundings.outputs, surroundings.units
    source = surroundings.generator("feedback")
    drawn = torch.randn(size, generator=source, dtype=torch.float64) / surroundings.units**0.5
    if surroundings.unit_readout is not None:
        is_read = (surroundings.unit_readout != 0).any(0)
        drawn[:, is_read] = surroundings.unit_readout[:, is_read]
    return drawn.to(surroundings.dtype).to(surroundings.device)


def ascend(params: LocalGradient, network: Network, trajectory: Trajectory, feedback: Feedback) -> Tensor:
    """Return the weight update of one trial, ``clip(learning_rate dW, ±clip)`` with ``L = B^T dR/dy``; b i j.

    A rule that explores has an estimate of dR/dy in its place (`threefactor.learning_rules.exploration`).
    """
    broadcast = network.output_weights if params.broadcast is None else params.broadcast
    size, source = params.exploration, feedback.output_gradient
    if size is not None:
        source = exploration.output_gradient(size, feedback)
    gradient = local_gradient(network, trajectory, source @ broadcast)
    return (params.learning_rate * gradient).clamp(-params.clip, params.clip)


def local_gradient(network: Network, trajectory: Trajectory, signal: Tensor) -> Tensor:
    """Sum eligibilities times learning signals over the time of a trial.

    Parameters
    ----------
    network
        The batch of b networks.
    trajectory
        Of one trial of that network.
    signal
        L, b t i, in units of reward; entry t goes with the rate after step t.

    Returns
    -------
    Tensor
        b i j; rows of clamped units are zero.
    """
    rate = trajectory.rate
    filtered = scans.trace_scan(rate, torch.zeros_like(rate[:, 0]), 1 - network.leak)
    post = signal * slope(network, trajectory)[:, 1:] * ~network.clamped
    return post.mT @ filtered[:, 1:]
